import { ImgstoreError } from "../../core/errors.ts";
import { COMMANDS, type Command, commandWords, findCommand } from "./commands.ts";
import { COMMON_FLAGS, type Flags, SETTING_FLAGS } from "./flags.ts";
import { Invocation } from "./invocation.ts";
import { findWord, type Scanned, scan } from "./scan.ts";
import { suggest } from "./suggest.ts";
import { plainText } from "./terminal/plain-text.ts";

/** What a command line asks for. */
export type Request =
  | { readonly kind: "run"; readonly invocation: Invocation }
  | { readonly kind: "help"; readonly command: Command | null }
  | { readonly kind: "version" };

/**
 * Understands a command line, flags before or after the command's name. A wish for help wins over mistakes elsewhere.
 * @param args without the program's own two words
 * @throws {ImgstoreError} USAGE saying what was wrong, what was likely meant and where to read on
 */
export function parseCommandLine(args: readonly string[]): Request {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const isHelp = own.includes("--help") || own.includes("-h");
  // the command may stand behind flags with values, so the first look knows the flags of all commands
  const found = findWord(args, allFlags());
  if (found === null) return withoutCommand(own, isHelp);
  const command = findCommand(found.word);
  if (command === undefined) throw unknownCommand(found.word);
  if (isHelp) return { kind: "help", command };
  return { kind: "run", invocation: parseFor(command, args.toSpliced(found.index, 1)) };
}

/** @throws {ImgstoreError} USAGE */
export function unknownCommand(word: string): ImgstoreError {
  const near = suggest(word, commandWords());
  const question = near === null ? "" : `did you mean ${near}? `;
  return new ImgstoreError("USAGE", `"${plainText(word)}" is not a command`, {
    hint: `${question}\`imgstore --help\` lists the commands`,
  });
}

/** All flags that a command takes, by name. */
export function flagsOf(command: Command): Flags {
  return { ...COMMON_FLAGS, ...SETTING_FLAGS, ...command.flags };
}

function allFlags(): Flags {
  return Object.fromEntries(COMMANDS.flatMap((command) => Object.entries(flagsOf(command))));
}

function withoutCommand(args: readonly string[], isHelp: boolean): Request {
  if (isHelp) return { kind: "help", command: null };
  if (args.includes("--version") || args.includes("-V")) return { kind: "version" };
  scan(args, allFlags(), ALL_HELP);
  throw new ImgstoreError("USAGE", "no command was given", { hint: ALL_HELP });
}

const ALL_HELP = "see `imgstore --help`";

function parseFor(command: Command, args: readonly string[]): Invocation {
  const known = flagsOf(command);
  const readOn = `see \`imgstore help ${command.name}\``;
  const { words, flags } = scan(args, known, readOn);
  const mistake = mistakeIn(command, words, flags);
  if (mistake !== null) throw new ImgstoreError("USAGE", mistake, { hint: readOn });
  return new Invocation({ command, words, flags, overrides: overridesOf(known, flags) });
}

function mistakeIn(command: Command, words: readonly string[], flags: Scanned["flags"]): string | null {
  const { name, positionals, isLocal } = command;
  const missing = positionals.find(({ isOptional }, index) => !isOptional && words[index] === undefined);
  if (missing !== undefined) return `${name} needs ${missing.name}, ${missing.summary}`;
  const extra = words[positionals.length];
  if (extra !== undefined) return `${name} does not know what to do with "${plainText(extra)}"`;
  return isLocal && flags.has("server") ? `${name} is about this machine: --server does not apply` : null;
}

function overridesOf(known: Flags, flags: Scanned["flags"]): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const [name, value] of flags) {
    const setting = known[name]?.setting;
    if (setting !== undefined) overrides[setting] = typeof value === "string" ? value : value ? "1" : "0";
  }
  return overrides;
}
