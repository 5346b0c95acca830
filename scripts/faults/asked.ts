import { parseArgs } from "node:util";

/** A script that breaks something: what it takes, and what it does. */
export interface FaultScript<A extends { readonly seed: number }> {
  readonly usage: string;
  /** Options with a value, and those without. */
  readonly options: readonly string[];
  readonly flags?: readonly string[];
  /** @throws {RangeError} where something is asked for that it does not take */
  readonly read: (given: Given) => A;
  /** The exit status. */
  readonly run: (asked: A) => Promise<number>;
}

/** Runs a script with what its command line asks for; its seed is printed first. @returns 2 where the usage was of use */
export async function runAsked<A extends { readonly seed: number }>(script: FaultScript<A>): Promise<number> {
  const asked = askedOf(script);
  if (asked === null) {
    console.error(script.usage);
    return 2;
  }
  console.log(`seed ${asked.seed}`);
  return script.run(asked);
}

function askedOf<A extends { readonly seed: number }>({ options, flags = [], read }: FaultScript<A>): A | null {
  const text = options.map((name) => [name, { type: "string" }] as const);
  const switches = [...flags, "help"].map((name) => [name, { type: "boolean" }] as const);
  try {
    const parsed = parseArgs({ options: Object.fromEntries([...text, ...switches]) });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    return values["help"] === true ? null : read(new Given(values));
  } catch {
    return null;
  }
}

/** What a command line gives. */
export class Given {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** A whole number from 0 on. @throws {RangeError} */
  number(name: string, otherwise: number): number {
    const number = Number(this.#values[name] ?? otherwise);
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new RangeError(`--${name} is no number`);
  }

  seed(): number {
    return this.number("seed", Math.floor(Math.random() * 2 ** 31));
  }

  /** The first one where none is given. @throws {RangeError} */
  oneOf<const T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const choice = choices.find((known) => known === (this.#values[name] ?? choices[0]));
    if (choice !== undefined) return choice;
    throw new RangeError(`--${name} is none of ${choices.join(", ")}`);
  }
}
