import type { Database } from "../../../adapters/libsql/database.ts";
import { createImageRows } from "../../../adapters/libsql/image-rows.ts";
import { createWorkRows } from "../../../adapters/libsql/work-rows.ts";
import type { ImageRows } from "../../../core/ports/image-rows.ts";
import type { WorkRows } from "../../../core/ports/work-rows.ts";
import type { SteppedDatabase } from "./stepped-database.ts";
import { type Call, isUnreachable, type Turns } from "./turns.ts";

/** Somebody who calls the rows, one round trip at a turn. */
export interface Actor {
  readonly name: string;
  readonly images: ImageRows;
  readonly work: WorkRows;
  /** A number from 0 to below `count`, of those that the schedule gave; 0 when they are used up. */
  choose(count: number): number;
  newOp(): string;
  /** The reply to a call, made again with the same arguments while its reply is lost. */
  insist<T>(call: () => Promise<T>): Promise<T>;
}

/** A call that was answered. */
export type OnReply = (call: Call, reply: unknown) => void;

export interface ActorPlan {
  readonly name: string;
  readonly choices: readonly number[];
}

export const NODE = "here";

/** Calls that carry an operation's id: the others are not made late, as nobody could tell them from a new one. */
const REPEATABLE = new Set(["register", "swap", "claim", "settle", "release", "changeTarget"]);

/** An actor whose every call waits for its turn. */
export function createActor(plan: ActorPlan, database: SteppedDatabase, turns: Turns, onReply: OnReply): Actor {
  let calling: Call = { actor: plan.name, name: "", args: [] };
  const atTurns: Database = {
    read: (statements) => turns.wait(calling, "read", () => database.read(statements)),
    batch: (statements) =>
      turns.wait(calling, REPEATABLE.has(calling.name) ? "repeatable write" : "write", (isLapsing) =>
        isLapsing ? database.batchWithLapse(statements, LAPSE_WITHIN_MS) : database.batch(statements),
      ),
    close: async () => {},
  };
  // A port's method asks the database before it first waits, so the last call begun is the one that asks.
  const observed = <T extends object>(port: T): T =>
    new Proxy(port, {
      get:
        (target, name: string) =>
        async (...args: readonly unknown[]) => {
          const call = { actor: plan.name, name, args };
          calling = call;
          const reply: unknown = await (target as Record<string, (...given: readonly unknown[]) => Promise<unknown>>)[
            name
          ]?.(...args);
          onReply(call, reply);
          return reply;
        },
    });
  const choices = plan.choices.values();
  let operations = 0;
  return {
    name: plan.name,
    images: observed(createImageRows(atTurns, NODE)),
    work: observed(createWorkRows(atTurns, NODE)),
    choose: (count) => (choices.next().value ?? 0) % count,
    newOp: () => {
      operations += 1;
      return `${plan.name}.${operations}`;
    },
    insist: async (call) => {
      for (;;) {
        try {
          return await call();
        } catch (error) {
          if (!isUnreachable(error)) throw error;
        }
      }
    },
  };
}

/** As long as the lease of a claim: a call may begin under it and end after it. */
export const LEASE_MS = 30_000;
const LAPSE_WITHIN_MS = LEASE_MS;
