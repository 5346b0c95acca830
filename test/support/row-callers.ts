import * as fc from "fast-check";
import { expect } from "vitest";
import { edges, isActMove, isLegal, isMove, MOVES, TARGETS } from "../../core/lifecycle/image.ts";
import { fallbackOf } from "../../core/lifecycle/next-move.ts";
import type { Claim, ImageRows, Placement } from "../../core/ports/image-rows.ts";
import { blobKey } from "../../core/ports/work-rows.ts";
import { digestOf, expired, newOp, type OpenedRows, register } from "./rows.ts";

/** The images that the callers of the rows know. */
export const NAMES = ["one", "two"] as const;
const BLOB = digestOf("a");
const ACTS = edges().flatMap(([move]) => (isActMove(move) ? [move] : []));
const SWAPS = [
  "begin-download",
  "begin-unpack",
  "begin-activate",
  "begin-deactivate",
  "begin-remove",
  "retry",
  "remount",
  "refetch",
] as const;

const anyName = fc.constantFrom(...NAMES);
const lease = fc.constantFrom(1, 3_600_000);
/** Which of the claims and reads so far to use: also ones that are long over. */
const memory = fc.nat(30);

/** One thing that a caller may do at any time, with anything it once read. */
export const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("advance" as const), name: anyName, leaseMs: lease }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      seen: memory,
      move: fc.constantFrom(...ACTS),
      leaseMs: lease,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("swap" as const), seen: memory, move: fc.constantFrom(...SWAPS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      claim: memory,
      isFallback: fc.boolean(),
      isRepeated: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("release" as const),
      claim: memory,
      delayMs: fc.constantFrom(0, 60_000),
      isCounted: fc.boolean(),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("heartbeat" as const),
      claim: memory,
      leaseMs: lease,
      doneBytes: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("take" as const), claim: memory }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("target" as const),
      seen: memory,
      target: fc.constantFrom(...TARGETS),
      isFresh: fc.boolean(),
      isForced: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wake" as const), seen: memory }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("register" as const), name: anyName }) },
);

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

/** Callers of the rows who remember everything and know nothing: they write with whatever they once read. */
export class Callers {
  readonly #rows: OpenedRows;
  readonly images: ImageRows;
  readonly #seen: Placement[] = [];
  readonly #claims: Claim[] = [];

  constructor(rows: OpenedRows) {
    this.#rows = rows;
    this.images = rows.imagesOf("here");
  }

  async make(step: Step): Promise<void> {
    switch (step.do) {
      case "register":
        this.#see(await register(this.images, step.name));
        return;
      case "advance":
        return this.#advance(step.name, step.leaseMs);
      case "claim":
        return this.#claim(this.#placement(step.seen), step.move, step.leaseMs);
      case "swap":
        return this.#swap(this.#placement(step.seen), step.move);
      case "settle":
        return this.#settle(this.#claimAt(step.claim), step.isFallback, step.isRepeated);
      case "release":
        return this.#release(this.#claimAt(step.claim), step);
      case "heartbeat":
        return this.#heartbeat(this.#claimAt(step.claim), step.leaseMs, step.doneBytes);
      case "take":
        return this.#take(this.#claimAt(step.claim));
      case "target":
        return this.#target(this.#placement(step.seen), step);
      case "wake":
        await this.images.wake(this.#placement(step.seen)?.id ?? 0);
        return;
    }
  }

  #see(placement: Placement | null): void {
    if (placement !== null) this.#seen.push(placement);
  }

  #placement(index: number): Placement | undefined {
    return this.#seen.at(-1 - (index % Math.max(1, this.#seen.length)));
  }

  #claimAt(index: number): Claim | undefined {
    return this.#claims.at(-1 - (index % Math.max(1, this.#claims.length)));
  }

  /** What a sweep would do: the move that is legal now, on the row as it is now. */
  async #advance(name: string, leaseMs: number): Promise<void> {
    const now = await this.images.load(name);
    if (now === null) return;
    this.#see(now);
    const move = Object.keys(MOVES)
      .filter(isMove)
      .find((each) => isLegal(each, now.state));
    if (move === undefined) return;
    if (isActMove(move)) await this.#claim(now, move, leaseMs);
    else
      await this.#swap(
        now,
        SWAPS.find((each) => each === move),
      );
  }

  async #claim(seen: Placement | undefined, move: Claim["move"], leaseMs: number): Promise<void> {
    if (seen === undefined || !isLegal(move, seen.state)) return;
    const done = await this.images.claim(seen, { move, opId: newOp(), worker: "w", leaseMs });
    if (done.kind === "claimed") this.#claims.push(done.claim);
    if (done.kind === "claimed" && leaseMs === 1) await expired(this.images, seen.name);
    this.#see(done.placement);
  }

  async #swap(seen: Placement | undefined, move: (typeof SWAPS)[number] | undefined): Promise<void> {
    if (seen === undefined || move === undefined || !isLegal(move, seen.state)) return;
    this.#see((await this.images.swap(seen, { move, opId: newOp(), worker: "w" })).placement);
  }

  async #settle(claim: Claim | undefined, isFallback: boolean, isRepeated: boolean): Promise<void> {
    if (claim === undefined) return;
    if (claim.move === "finish-download") await this.#take(claim);
    const fallback = fallbackOf(claim.move);
    const settlement = {
      move: isFallback && fallback !== null ? fallback : claim.move,
      opId: newOp(),
      facts: claim.move === "finish-download" && !isFallback ? { blobs: [{ digest: BLOB, sizeBytes: 1 }] } : {},
    };
    const verdict = await this.images.settle(claim, settlement);
    if (isRepeated) expect(await this.images.settle(claim, settlement)).toBe(verdict);
    this.#see(await this.images.load(claim.name));
  }

  async #release(claim: Claim | undefined, step: Extract<Step, { do: "release" }>): Promise<void> {
    if (claim === undefined) return;
    const { delayMs, isCounted, waits } = step;
    const waitsFor = waits ? { waitsFor: blobKey(BLOB) } : {};
    await this.images.release(claim, { opId: newOp(), delayMs, isCounted, ...waitsFor });
    this.#see(await this.images.load(claim.name));
  }

  async #heartbeat(claim: Claim | undefined, leaseMs: number, doneBytes: number): Promise<void> {
    if (claim === undefined) return;
    const isOurs = await this.images.heartbeat(claim, leaseMs, { doneBytes, totalBytes: null });
    if (isOurs && leaseMs === 1) await expired(this.images, claim.name);
  }

  async #take(claim: Claim | undefined): Promise<void> {
    if (claim !== undefined) await this.#rows.workOf("here").takeBlob(claim, BLOB);
  }

  async #target(seen: Placement | undefined, step: Extract<Step, { do: "target" }>): Promise<void> {
    if (seen === undefined) return;
    const { target, isFresh, isForced } = step;
    this.#see((await this.images.changeTarget(seen, { target, isFresh, isForced, opId: newOp() })).placement);
  }
}
