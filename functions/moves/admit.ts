import { marginBytes, type Need, type Room } from "../../core/admission/need.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { formatBytes } from "../../core/format-bytes.ts";
import type { FreeSpace } from "../../core/ports/space.ts";
import type { Reserved } from "../../core/ports/work-rows.ts";
import { dropPartials, makeRoom, type Shortage } from "../cron/make-room.ts";
import type { Engine } from "../engine.ts";
import type { ActContext } from "./act-context.ts";

/**
 * Reserves the room that the claim's work needs, before it is written. Where there is too little, what is only kept goes
 * first.
 * @returns false when the claim is over
 * @throws {ImgstoreError} NO_SPACE
 */
export async function admit(context: ActContext, need: Need): Promise<boolean> {
  if (need.likely.bytes === 0) return true;
  let tried = await reserve(context, need);
  if (tried.reserved.kind === "short" && (await makeRoom(engineOf(context), shortageOf(need, tried)))) {
    tried = await reserve(context, need);
  }
  if (isAloneWith(tried) && (await dropPartials(context.disk))) tried = await reserve(context, need);
  if (tried.reserved.kind === "short") throw tooLittle(context, need, tried.free, tried.reserved);
  return tried.reserved.kind === "reserved";
}

/** Whether there is too little on the disk, though nobody who is at work has asked for any. */
function isAloneWith({ reserved, free }: Tried): boolean {
  return reserved.kind === "short" && reserved.bytes === 0 && !free.isOfBudget;
}

interface Tried {
  readonly reserved: Reserved;
  readonly free: Free;
}

interface Free extends FreeSpace {
  /** Whether it is the budget that ends first, and not the disk. */
  readonly isOfBudget: boolean;
}

async function reserve({ work, claim, disk, settings: { maxBytes } }: ActContext, need: Need): Promise<Tried> {
  const space = await disk.space.free();
  const onDisk = Math.max(0, space.bytes - marginBytes(space.totalBytes));
  const ofBudget = maxBytes === 0 ? onDisk : Math.max(0, maxBytes - (await work.storedBytes()));
  const isOfBudget = ofBudget < onDisk;
  const free = {
    bytes: Math.min(onDisk, ofBudget),
    inodes: space.inodes,
    totalBytes: isOfBudget ? maxBytes : space.totalBytes,
    isOfBudget,
  };
  return { reserved: await work.reserve(claim, { need, free }), free };
}

function shortageOf(need: Need, { free, reserved }: Tried): Shortage {
  const others = reserved.kind === "short" ? reserved.bytes : 0;
  const wanted = wantedBy(need, { bytes: others });
  return { bytes: Math.max(0, wanted.bytes + others - free.bytes), isOfBudget: free.isOfBudget };
}

/** As much as it takes to be admitted: see `WorkRows.reserve`. */
function wantedBy(need: Need, others: Pick<Room, "bytes">): Room {
  return others.bytes === 0 ? need.least : need.likely;
}

function engineOf(context: ActContext): Engine {
  return { ...context, disk: async () => context.disk };
}

function tooLittle(
  { placement, settings }: ActContext,
  { least, likely }: Need,
  free: Free,
  others: Extract<Reserved, { kind: "short" }>,
): ImgstoreError {
  const isShortOfBytes = wantedBy({ least, likely }, others).bytes > free.bytes - others.bytes;
  const [needed, there, spokenFor] = isShortOfBytes
    ? [formatBytes(likely.bytes), formatBytes(free.bytes), formatBytes(others.bytes)]
    : [`${likely.inodes} inodes`, `${free.inodes}`, `${others.inodes}`];
  const beside = others.bytes === 0 ? "" : `, ${spokenFor} of which other images are about to take`;
  const where = free.isOfBudget && isShortOfBytes ? "the budget of IMGSTORE_MAX_BYTES" : `"${settings.root}"`;
  const never = least.bytes > free.totalBytes ? `; that is more than all of it, ${formatBytes(free.totalBytes)}` : "";
  return new ImgstoreError(
    "NO_SPACE",
    `"${placement.name}" needs about ${needed} in ${where}, and ${there} are free${beside}${never}`,
    { hint: "it goes on by itself when there is room: `imgstore gc`, or remove images" },
  );
}
