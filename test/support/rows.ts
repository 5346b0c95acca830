import type { Digest } from "../../core/digests.ts";
import { type ActMove, isActMove, type State, type SwapMove, type Target } from "../../core/lifecycle/image.ts";
import { nextMove } from "../../core/lifecycle/next-move.ts";
import type { Claim, ImageRows, Placement, Registration, SettleFacts, Swap } from "../../core/ports/image-rows.ts";
import type { WorkRows } from "../../core/ports/work-rows.ts";

/** A fresh, migrated database, seen from any node. */
export interface OpenedRows {
  imagesOf(node: string): ImageRows;
  workOf(node: string): WorkRows;
  close(): Promise<void>;
}

/** What a conformance suite of the rows is given: how to open a database of one implementation. */
export type OpenRows = () => Promise<OpenedRows>;

/** Longer than any test. */
export const LONG_LEASE_MS = 3_600_000;

let operations = 0;

/** An operation id of its own. */
export function newOp(): string {
  operations += 1;
  return `op-${operations}`;
}

/** A digest of one hexadecimal digit. */
export function digestOf(digit: string): Digest {
  return `sha256:${digit.repeat(64)}`;
}

/** Registers an image with what a test does not care about. */
export async function register(
  images: ImageRows,
  name: string,
  wanted: Partial<Registration> = {},
): Promise<Placement> {
  const { placement } = await images.register({
    name,
    source: `http://example.test/${name}.tar`,
    checksum: null,
    target: "ACTIVE",
    mountOptions: ["nodev", "nosuid"],
    opId: newOp(),
    worker: "register",
    ...wanted,
  });
  return placement;
}

/** The placement of that name, which is there. */
export async function loaded(images: ImageRows, name: string): Promise<Placement> {
  const placement = await images.load(name);
  if (placement === null) throw new Error(`no placement of ${name}`);
  return placement;
}

/** Makes a swap that must apply. */
export async function swapped(
  images: ImageRows,
  seen: Placement,
  move: SwapMove,
  more: Partial<Swap> = {},
): Promise<Placement> {
  const done = await images.swap(seen, { move, opId: newOp(), worker: "swapper", ...more });
  if (done.kind === "lost") throw new Error(`${move} lost`);
  return done.placement;
}

/** Makes a claim that must succeed. */
export async function claimed(
  images: ImageRows,
  seen: Placement,
  move: ActMove,
  attempt: { readonly worker?: string; readonly leaseMs?: number } = {},
): Promise<Claim> {
  const done = await images.claim(seen, {
    move,
    opId: newOp(),
    worker: attempt.worker ?? "worker",
    leaseMs: attempt.leaseMs ?? LONG_LEASE_MS,
  });
  if (done.kind === "lost") throw new Error(`the claim of ${move} lost`);
  return done.claim;
}

/** Settles a claim with its own move; the verdict must be `applied`. */
export async function settled(images: ImageRows, claim: Claim, facts: SettleFacts = {}): Promise<void> {
  const verdict = await images.settle(claim, { move: claim.move, opId: newOp(), facts });
  if (verdict !== "applied") throw new Error(`the settle of ${claim.move} was ${verdict}`);
}

/** Moves a placement by the lifecycle's next moves until it is in `state`. */
export async function walkedTo(
  images: ImageRows,
  name: string,
  state: State,
  target: Target = "ACTIVE",
): Promise<Placement> {
  for (;;) {
    const placement = await loaded(images, name);
    if (placement.state === state) return placement;
    const move = nextMove(placement.state, target);
    if (move === null) throw new Error(`${name} rests in ${placement.state} on its way to ${state}`);
    if (isActMove(move)) await settled(images, await claimed(images, placement, move));
    else await swapped(images, placement, move);
  }
}

/** Registers an image and moves it to `state`, with a claim of the act that is next there. */
export async function claimedIn(
  images: ImageRows,
  name: string,
  state: State,
  attempt: { readonly worker?: string; readonly leaseMs?: number } = {},
): Promise<Claim> {
  await register(images, name);
  const placement = await walkedTo(images, name, state);
  const move = nextMove(state, "ACTIVE");
  if (move === null || !isActMove(move)) throw new Error(`no act is next in ${state}`);
  return claimed(images, placement, move, attempt);
}

/** Waits until the database's clock has passed the end of a lease of a few milliseconds. */
export async function expired(images: ImageRows, name: string): Promise<Placement> {
  for (;;) {
    const placement = await loaded(images, name);
    if (placement.dueAtMs !== null && placement.dueAtMs <= placement.nowMs) return placement;
  }
}
