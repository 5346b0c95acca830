import { KINDS } from "./kinds.ts";
import type { Witness } from "./referee.ts";
import type { Call, Fault } from "./turns.ts";

/** What the races have come to, each kind with its count. */
export class Coverage implements Witness {
  readonly #counts = new Map<string, number>();

  answered({ name, args }: Call, reply: unknown): void {
    this.#count(`${name} ${outcomeOf(reply)}`);
    const move = moveIn(args[1]);
    if (move !== null && (name === "swap" || name === "settle") && isDone(reply)) this.#count(`move ${move}`);
  }

  struck(fault: Fault): void {
    if (fault !== "none") this.#count(`fault ${fault}`);
  }

  get counts(): ReadonlyMap<string, number> {
    return new Map([...this.#counts].toSorted(([one], [other]) => one.localeCompare(other)));
  }

  /** Kinds that never came. */
  get missing(): readonly string[] {
    return KINDS.filter((kind) => !this.#counts.has(kind));
  }

  #count(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
}

function outcomeOf(reply: unknown): string {
  if (reply === null || reply === undefined) return "nothing";
  if (typeof reply === "boolean" || typeof reply === "string") return String(reply);
  if (typeof reply !== "object") return typeof reply;
  if (Array.isArray(reply)) return reply.length > 0 ? "some" : "none";
  if ("kind" in reply) return String(reply.kind);
  if ("isNew" in reply) return reply.isNew === true ? "new" : "known";
  if ("blobs" in reply && "layers" in reply) {
    const isSome = [reply.blobs, reply.layers].some((found) => Array.isArray(found) && found.length > 0);
    return isSome ? "some" : "none";
  }
  return "something";
}

function moveIn(arg: unknown): string | null {
  return typeof arg === "object" && arg !== null && "move" in arg ? String(arg.move) : null;
}

function isDone(reply: unknown): boolean {
  return reply === "applied" || outcomeOf(reply) === "applied";
}
