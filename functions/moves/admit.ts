import { marginBytes, type Need } from "../../core/admission/need.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { formatBytes } from "../../core/format-bytes.ts";
import type { FreeSpace } from "../../core/ports/space.ts";
import type { Reserved } from "../../core/ports/work-rows.ts";
import { collectGarbage } from "../cron/collect-garbage.ts";
import type { ActContext } from "./act-context.ts";

/**
 * Reserves the room that the claim's work needs, before it is written. Where there is too little, what no image refers to
 * goes first.
 * @returns false when the claim is over
 * @throws {ImgstoreError} NO_SPACE
 */
export async function admit(context: ActContext, need: Need): Promise<boolean> {
  if (need.likely.bytes === 0) return true;
  let { reserved, free } = await reserve(context, need);
  if (reserved.kind === "short" && (await makeRoom(context))) ({ reserved, free } = await reserve(context, need));
  if (reserved.kind === "short") throw tooLittle(context, need, free, reserved);
  return reserved.kind === "reserved";
}

interface Tried {
  readonly reserved: Reserved;
  readonly free: FreeSpace;
}

async function reserve({ work, claim, disk }: ActContext, need: Need): Promise<Tried> {
  const space = await disk.space.free();
  const free = { ...space, bytes: Math.max(0, space.bytes - marginBytes(space.totalBytes)) };
  return { reserved: await work.reserve(claim, { need, free }), free };
}

/** Whether anything was removed. Another collection that is under way makes room as well. */
async function makeRoom(context: ActContext): Promise<boolean> {
  try {
    const engine = { ...context, disk: async () => context.disk };
    return (await collectGarbage(engine, { isDryRun: false, isWithBlobs: false })).removed.length > 0;
  } catch (error) {
    if (error instanceof ImgstoreError && error.code === "LEASED") return false;
    throw error;
  }
}

function tooLittle(
  { placement, settings }: ActContext,
  { least, likely }: Need,
  free: FreeSpace,
  others: Extract<Reserved, { kind: "short" }>,
): ImgstoreError {
  const isShortOfBytes = least.bytes > free.bytes - others.bytes || likely.bytes > free.bytes - others.bytes;
  const [needed, there, spokenFor] = isShortOfBytes
    ? [formatBytes(likely.bytes), formatBytes(free.bytes), formatBytes(others.bytes)]
    : [`${likely.inodes} inodes`, `${free.inodes}`, `${others.inodes}`];
  const beside = others.bytes === 0 ? "" : `, ${spokenFor} of which other images are about to take`;
  const never = least.bytes > free.totalBytes ? "; the whole file system has no more than that" : "";
  return new ImgstoreError(
    "NO_SPACE",
    `"${placement.name}" needs about ${needed} in "${settings.root}", and ${there} are free${beside}${never}`,
    { hint: "it goes on by itself when there is room: `imgstore gc`, or remove images" },
  );
}
