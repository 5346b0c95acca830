import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { PartialBlob } from "../../core/ports/blobs.ts";
import type { OpenedSource } from "../../core/ports/sources.ts";
import { blobKey } from "../../core/ports/work-rows.ts";
import { done, later, type Outcome } from "../../core/protocol/outcome.ts";
import { parseSource } from "../../core/source-url.ts";
import { type ActContext, attemptName } from "./act-context.ts";
import { dropLeftovers } from "./leftovers.ts";
import { type UnpackingAhead, unpackAhead } from "./unpack-ahead.ts";

/**
 * DOWNLOADING → DOWNLOADED: the stored bytes lie under their checksum, verified and synced, and are unpacked already where
 * that went well while they came. A digest that another
 * claim is fetching is waited for; one that is there already costs nothing.
 */
export async function finishDownload(context: ActContext): Promise<Outcome> {
  await dropLeftovers(context);
  const expected = context.placement.checksum;
  if (expected === null) return downloaded(await download(context, null));

  let taken = await context.work.takeBlob(context.claim, expected);
  if (taken.kind === "present") {
    const stored = await context.disk.blobs.sizeOf(expected);
    if (stored === taken.sizeBytes) return downloaded({ digest: expected, sizeBytes: stored });
    await context.work.damageBlob(expected);
    taken = await context.work.takeBlob(context.claim, expected);
  }
  if (taken.kind === "held") return later({ kind: "held", waitsFor: blobKey(expected), untilMs: taken.untilMs });
  if (taken.kind === "stale") return later({ kind: "shutdown" });
  return downloaded(await download(context, expected));
}

interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** A plain tar is its image's only layer; its digest is the blob's. */
function downloaded(blob: StoredBlob | null): Outcome {
  if (blob === null) return later({ kind: "shutdown" });
  return done({ checksum: blob.digest, blob, layers: [blob.digest] });
}

/** Null where the claim was lost before anything was published. */
async function download(context: ActContext, expected: Digest | null): Promise<StoredBlob | null> {
  const { disk, claim, signal, settings } = context;
  const partial = await disk.blobs.openPartial(expected, attemptName(claim));
  let opened: OpenedSource | null = null;
  let ahead: UnpackingAhead | null = null;
  try {
    opened = await disk.sources.open(parseSource(context.placement.source), {
      offset: partial.sizeBytes,
      validator: partial.validator,
      maxBytes: settings.limits.maxImageBytes,
      signal,
    });
    const { totalBytes } = opened;
    const isResumed = await align(partial, opened);
    ahead = await unpackAhead(context, partial, { expected, totalBytes });
    const arrived = (doneBytes: number): void => {
      ahead?.arrived(doneBytes);
      context.report({ doneBytes, totalBytes });
    };
    arrived(partial.sizeBytes);
    await partial.append(opened.body, { maxBytes: settings.limits.maxImageBytes }, arrived);
    ahead.finish(partial.sizeBytes);
    const stored = (await context.isStillOurs()) ? await publish(partial, expected, isResumed) : null;
    if (stored !== null) await ahead.stage(stored.digest);
    return stored;
  } finally {
    opened?.close();
    await ahead?.drop();
    // What is not published stays for the next attempt, unless nobody could find it again.
    await (expected === null ? partial.discard() : partial.close());
  }
}

/** Makes the partial end where the source begins; whether anything of an earlier attempt is kept. */
async function align(partial: PartialBlob, opened: OpenedSource): Promise<boolean> {
  if (opened.offset === partial.sizeBytes && opened.offset > 0) return true;
  await partial.restart(opened.validator);
  return false;
}

async function publish(partial: PartialBlob, expected: Digest | null, isResumed: boolean): Promise<StoredBlob> {
  try {
    return await partial.publish(expected);
  } catch (error) {
    if (!isResumed || !(error instanceof ImgstoreError) || error.code !== "DIGEST_MISMATCH") throw error;
    // The two halves may be of two objects: only bytes that came in one piece can condemn a source.
    throw new ImgstoreError("SOURCE_CHANGED", `the resumed download does not have the digest ${expected}`, {
      cause: error,
      hint: "it is fetched again from the beginning",
    });
  }
}
