import { parseArgs } from "node:util";
import { ImgstoreError } from "../../core/errors.ts";
import type { Flags, ValueFlag } from "./flags.ts";
import { suggest } from "./suggest.ts";
import { plainText } from "./terminal/plain-text.ts";

/** A command line's words and flags; of a flag that was given more than once the last value. */
export interface Scanned {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string | boolean>;
}

/**
 * Tells words from flags and checks the flags' values.
 * @param readOn what the hint of an error ends in
 * @throws {ImgstoreError} USAGE
 */
export function scan(args: readonly string[], known: Flags, readOn: string): Scanned {
  const words: string[] = [];
  const flags = new Map<string, string | boolean>();
  for (const token of tokensOf(args, known)) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, isOff } = withoutNo(token.name, known);
    const flag = Object.hasOwn(known, name) ? known[name] : undefined;
    if (flag === undefined) throw unknownFlag(token.rawName, known, readOn);
    flags.set(name, flag.kind === "switch" ? switchValue(token, isOff, readOn) : flagValue(token, flag, readOn));
  }
  return { words, flags };
}

/** The first word that is no flag and no flag's value, and its place; null without one. */
export function findWord(
  args: readonly string[],
  known: Flags,
): { readonly word: string; readonly index: number } | null {
  const first = tokensOf(args, known).find((token) => token.kind === "positional");
  return first === undefined ? null : { word: first.value, index: first.index };
}

interface Syntax {
  readonly args: string[];
  readonly options: Record<string, { readonly type: "boolean" | "string" }>;
  readonly strict: false;
  readonly allowPositionals: true;
  readonly tokens: true;
}

type Token = ReturnType<typeof parseArgs<Syntax>>["tokens"][number];
type OptionToken = Extract<Token, { kind: "option" }>;

// Not strict: what is wrong is said in our own words.
function tokensOf(args: readonly string[], known: Flags): Token[] {
  const options: Syntax["options"] = {};
  for (const [name, flag] of Object.entries(known)) {
    options[name] = { type: flag.kind === "switch" ? "boolean" : "string" };
  }
  return parseArgs<Syntax>({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function withoutNo(name: string, known: Flags): { readonly name: string; readonly isOff: boolean } {
  const positive = name.startsWith("no-") ? name.slice("no-".length) : "";
  const flag = Object.hasOwn(known, positive) ? known[positive] : undefined;
  return flag?.kind === "switch" && flag.isNegatable ? { name: positive, isOff: true } : { name, isOff: false };
}

function switchValue({ rawName, value }: OptionToken, isOff: boolean, readOn: string): boolean {
  if (value === undefined) return !isOff;
  throw usage(`${rawName} takes no value, and "${plainText(value)}" was given`, readOn);
}

function flagValue({ rawName, value, inlineValue }: OptionToken, flag: ValueFlag, readOn: string): string {
  if (value === undefined || value === "" || (!inlineValue && /^-./.test(value))) {
    throw usage(`${rawName} needs a value: ${rawName} ${flag.takes}`, readOn);
  }
  const takes = takesInstead(value, flag);
  if (takes === null) return value;
  throw usage(`${rawName} is "${plainText(value)}"`, `it takes ${takes}`);
}

/** What the flag takes, where the value is not that. */
function takesInstead(value: string, { must }: ValueFlag): string | null {
  if (must === undefined) return null;
  if ("beOneOf" in must) return must.beOneOf.includes(value) ? null : `one of ${must.beOneOf.join(", ")}`;
  if (must.be === "count") return isCount(value) ? null : "a whole number from 1 to 256";
  return /^\d{1,6}(?:\.\d{1,3})?$/.test(value) ? null : "a number of seconds, 0 to 999999";
}

/** As many as the routes take for one sweep, too. */
function isCount(value: string): boolean {
  return /^[1-9]\d{0,2}$/.test(value) && Number(value) <= 256;
}

function unknownFlag(rawName: string, known: Flags, readOn: string): ImgstoreError {
  const names = Object.entries(known).flatMap(([name, flag]) =>
    flag.kind === "switch" && flag.isNegatable ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  );
  const near = suggest(rawName, names);
  return usage(`"${plainText(rawName)}" is not a flag`, near === null ? readOn : `did you mean ${near}? ${readOn}`);
}

function usage(message: string, hint: string): ImgstoreError {
  return new ImgstoreError("USAGE", message, { hint });
}
