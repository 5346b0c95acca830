import { ImgstoreError } from "../../../core/errors.ts";

/** What a turn does to the call that it lets through. */
export type Fault =
  /** Nothing. */
  | "none"
  /** The caller dies before the call is made. */
  | "crash"
  /** The call is made, and the caller dies of it. */
  | "crash-after"
  /** The call is made, and the caller hears that the database cannot be reached. */
  | "lost-reply"
  /** The caller hears that the database cannot be reached, and the call is made some time later. */
  | "late"
  /** Time passes in the middle of the call. */
  | "lapse-within"
  /** The call is not made, and its caller hears that the database cannot be reached, from now on for ever. */
  | "cut-off";

/** A call of a port, which is one round trip. */
export interface Call {
  readonly actor: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What a call may do; a repeatable write carries an operation's id, by which a repeat is told from another. */
export type CallKind = "read" | "write" | "repeatable write";

/** A call that waits for its turn. */
export interface Waiting {
  readonly call: Call;
  readonly kind: CallKind;
  /** Makes the call, under the fault. */
  readonly pass: (fault: Fault) => Promise<void>;
}

/** Who is in the race: each runs alone, from a reply to his next call, and calls are made one at a time. */
export class Turns {
  readonly #order: string[] = [];
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #cutOff = new Set<string>();
  readonly #arrivals = new Map<string, () => void>();
  /** Calls whose callers were told that the database cannot be reached. */
  readonly #late: Waiting[] = [];

  /** Enters an actor and runs him up to his first call. */
  async enter(actor: string, program: () => Promise<void>): Promise<void> {
    this.#order.push(actor);
    this.#waiting.set(actor, []);
    void program().then(
      () => this.#leave(actor),
      (error: unknown) => {
        if (!isUnreachable(error)) this.failure ??= String(error instanceof Error ? error.stack : error);
        this.#leave(actor);
      },
    );
    await this.#atRest(actor);
  }

  /** What an actor threw that no fault explains. */
  failure: string | null = null;

  /** Calls that can be made now, in the actors' order. */
  get ready(): readonly Waiting[] {
    return [...this.#order.flatMap((actor) => this.#waiting.get(actor) ?? []), ...this.#late];
  }

  /** Waits for a turn, then makes the call. */
  wait<T>(call: Call, kind: CallKind, make: (isLapsing: boolean) => Promise<T>): Promise<T> {
    if (this.#cutOff.has(call.actor)) return Promise.reject(unreachable());
    return new Promise<T>((resolve, reject) => {
      const pass = async (fault: Fault): Promise<void> => {
        this.#forget(call.actor, waiting);
        if (fault === "crash") return this.#leave(call.actor);
        if (fault === "cut-off") {
          this.#cutOff.add(call.actor);
          return reject(unreachable());
        }
        if (fault === "late") {
          this.#late.push({ call, kind, pass: async () => this.#passLate(call, make) });
          return reject(unreachable());
        }
        try {
          const reply = await make(fault === "lapse-within");
          if (fault === "crash-after") this.#leave(call.actor);
          else if (fault === "lost-reply") reject(unreachable());
          else resolve(reply);
        } catch (error) {
          reject(error instanceof Error ? error : new Error("the database threw no error", { cause: error }));
        }
      };
      const waiting: Waiting = { call, kind, pass };
      this.#waiting.get(call.actor)?.push(waiting);
      this.#arrivals.get(call.actor)?.();
    });
  }

  /** Gives a call its turn, and returns when its caller has come to the next, or to his end. */
  async give(waiting: Waiting, fault: Fault): Promise<void> {
    await waiting.pass(fault);
    await this.#atRest(waiting.call.actor);
  }

  async #passLate(call: Call, make: (isLapsing: boolean) => Promise<unknown>): Promise<void> {
    const at = this.#late.findIndex((late) => late.call === call);
    this.#late.splice(at, 1);
    await make(false);
  }

  async #atRest(actor: string): Promise<void> {
    while (this.#waiting.get(actor)?.length === 0) {
      await new Promise<void>((resolve) => {
        this.#arrivals.set(actor, resolve);
      });
    }
  }

  #forget(actor: string, waiting: Waiting): void {
    const others = this.#waiting.get(actor)?.filter((other) => other !== waiting);
    if (others !== undefined) this.#waiting.set(actor, others);
  }

  #leave(actor: string): void {
    this.#waiting.delete(actor);
    this.#arrivals.get(actor)?.();
  }
}

function unreachable(): ImgstoreError {
  return new ImgstoreError("DATABASE_UNREACHABLE", "no reply came");
}

/** Whether it is what a caller hears whose reply is lost. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ImgstoreError && error.code === "DATABASE_UNREACHABLE";
}
