import type { Digest } from "../../core/digests.ts";
import type { RecordedError } from "../../core/errors.ts";
import type { PartialBlob } from "../../core/ports/blobs.ts";
import type { StoredBlob } from "../../core/ports/image-rows.ts";
import type { OpenedSource } from "../../core/ports/sources.ts";
import { done, later, type Outcome } from "../../core/protocol/outcome.ts";
import { parseSource, type StreamSource } from "../../core/source-url.ts";
import { type ActContext, attemptName } from "./act-context.ts";
import { downloadLayers } from "./download-layers.ts";
import { dropLeftovers } from "./leftovers.ts";
import { publishPartial } from "./publish-partial.ts";
import { RoomForDownload } from "./room-for-download.ts";
import { keepPublished, takeBlob } from "./take-blob.ts";
import { type UnpackingAhead, unpackAhead } from "./unpack-ahead.ts";

/**
 * DOWNLOADING → DOWNLOADED: the stored bytes lie under their checksum, verified and synced, and are unpacked already where
 * that went well while they came. A digest that another
 * claim is fetching is waited for; one that is there already costs nothing.
 */
export async function finishDownload(context: ActContext): Promise<Outcome> {
  await dropLeftovers(context);
  const source = parseSource(context.placement.source);
  return source.kind === "image-archive" ? downloadLayers(context, source) : downloadTar(context, source);
}

async function downloadTar(context: ActContext, source: StreamSource): Promise<Outcome> {
  const expected = context.placement.checksum;
  if (expected !== null) {
    const found = await takeBlob(context, expected);
    if (found.kind === "later") return found.outcome;
    if (found.kind === "stored") return downloaded(found.blob);
  }
  return download(context, source, expected);
}

/** A plain tar is its image's only layer; its digest is the blob's. */
function downloaded(blob: StoredBlob, remark: RecordedError | null = null): Outcome {
  return done({ checksum: blob.digest, blobs: [blob], layers: [{ digest: blob.digest }] }, remark);
}

async function download(context: ActContext, source: StreamSource, expected: Digest | null): Promise<Outcome> {
  const partial = await context.disk.blobs.openPartial(expected, attemptName(context.claim));
  try {
    const ahead = await unpackAhead(context, partial, expected);
    try {
      return await transfer(context, source, { expected, partial, ahead });
    } finally {
      await ahead.drop();
    }
  } finally {
    // What is not published stays for the next attempt, unless nobody could find it again.
    await (expected === null ? partial.discard() : partial.close());
  }
}

interface Transfer {
  readonly expected: Digest | null;
  readonly partial: PartialBlob;
  readonly ahead: UnpackingAhead;
}

async function transfer(
  context: ActContext,
  source: StreamSource,
  { expected, partial, ahead }: Transfer,
): Promise<Outcome> {
  const { maxImageBytes: maxBytes } = context.settings.limits;
  const { sizeBytes: offset, validator } = partial;
  const opened = await context.disk.sources.open(source, { offset, validator, maxBytes, signal: context.signal });
  try {
    const { totalBytes } = opened;
    const isResumed = await align(partial, opened);
    const room = new RoomForDownload(context, ahead, totalBytes);
    if (!(await room.admit(partial.sizeBytes))) return later({ kind: "shutdown" });
    const arrived = (doneBytes: number): void => {
      ahead.arrived(doneBytes, totalBytes);
      context.report({ doneBytes, totalBytes });
    };
    arrived(partial.sizeBytes);
    await partial.append(room.letIn(opened.body, partial.sizeBytes), { maxBytes }, arrived);
    ahead.finish(partial.sizeBytes);
    if (!(await context.isStillOurs())) return later({ kind: "shutdown" });
    const stored = await publishPartial(partial, expected, isResumed);
    const hindrance = expected === null ? await keepPublished(context, stored) : null;
    if (hindrance !== null) return hindrance;
    return downloaded(stored, await ahead.stage(stored.digest));
  } finally {
    opened.close();
  }
}

/** Makes the partial end where the source begins; whether anything of an earlier attempt is kept. */
async function align(partial: PartialBlob, opened: OpenedSource): Promise<boolean> {
  if (opened.offset === partial.sizeBytes && opened.offset > 0) return true;
  await partial.restart(opened.validator);
  return false;
}
