import type { Command } from "./commands.ts";

/** A command line, understood: which command, what for, and which settings its flags lay over the environment. */
export class Invocation {
  readonly command: Command;
  /** Environment variables that flags set. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly #words: readonly string[];
  readonly #flags: ReadonlyMap<string, string | boolean>;

  constructor(parts: InvocationParts) {
    this.command = parts.command;
    this.overrides = parts.overrides;
    this.#words = parts.words;
    this.#flags = parts.flags;
  }

  get isJson(): boolean {
    return this.isOn("json");
  }

  /** A positional that the command's table requires. */
  argument(name: string): string {
    const word = this.optionalArgument(name);
    if (word === undefined) throw new Error(`${this.command.name} does not require ${name}`);
    return word;
  }

  optionalArgument(name: string): string | undefined {
    return this.#words[this.command.positionals.findIndex((positional) => positional.name === name)];
  }

  text(flag: string): string | undefined {
    const value = this.#flags.get(flag);
    return typeof value === "string" ? value : undefined;
  }

  /** A `seconds` or `count` flag's value, which parsing has checked. */
  number(flag: string): number | undefined {
    const text = this.text(flag);
    return text === undefined ? undefined : Number(text);
  }

  /** Whether a switch is on: as given, the last one counts; else `otherwise`. */
  isOn(flag: string, otherwise = false): boolean {
    const value = this.#flags.get(flag);
    return typeof value === "boolean" ? value : otherwise;
  }
}

export interface InvocationParts {
  readonly command: Command;
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string | boolean>;
  readonly overrides: Readonly<Record<string, string>>;
}
