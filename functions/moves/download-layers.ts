import { needOf } from "../../core/admission/need.ts";
import type { Digest } from "../../core/digests.ts";
import type { ImageArchiveSource } from "../../core/image-archive/archive-source.ts";
import type { ImageLayer, OpenedImage } from "../../core/ports/image-archives.ts";
import type { StoredBlob } from "../../core/ports/image-rows.ts";
import { done, later, type Outcome } from "../../core/protocol/outcome.ts";
import { type ActContext, attemptName } from "./act-context.ts";
import { admit } from "./admit.ts";
import { publishPartial } from "./publish-partial.ts";
import { takeBlob } from "./take-blob.ts";

/**
 * DOWNLOADING → DOWNLOADED of an image in an archive: the archive has its checksum, and each layer of the image that is
 * meant is a blob of its own, so that images share them. What is stored already is not copied again, also where an
 * earlier attempt stored it and ended.
 */
export async function downloadLayers(context: ActContext, source: ImageArchiveSource): Promise<Outcome> {
  const { disk, placement, claim, settings, signal } = context;
  const known = await storedBefore(context);
  if (known !== null) return known;
  const image = await disk.imageArchives.open(source, {
    expected: placement.checksum,
    attempt: attemptName(claim),
    maxBytes: settings.limits.maxImageBytes,
    signal,
    // How much of the archive its image needs is not known yet.
    onBytes: (doneBytes) => context.report({ doneBytes, totalBytes: null }),
  });
  try {
    return await storeLayers(context, image);
  } finally {
    await image.close();
  }
}

/**
 * An image that was fetched before and whose blobs are all there still: its archive may be gone by now. Null where one is
 * missing, or nothing is known of it yet.
 */
async function storedBefore(context: ActContext): Promise<Outcome | null> {
  const { checksum, layers } = context.placement;
  if (checksum === null || layers.length === 0) return null;
  const blobs: StoredBlob[] = [];
  for (const { digest } of inOrderOfDigests(layers)) {
    const found = await takeBlob(context, digest);
    if (found.kind === "later") return found.outcome;
    if (found.kind === "taken") return null;
    blobs.push(found.blob);
  }
  const listed = layers.map(({ digest, expectedDiffId }) => ({ digest, expectedDiffId }));
  return done({ checksum, blobs, layers: listed });
}

async function storeLayers(context: ActContext, image: OpenedImage): Promise<Outcome> {
  const layers = inOrderOfDigests(image.layers);
  const totalBytes = layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, image.sizeBytes);
  const missing = await missingBytes(context, layers);
  if (!(await admit(context, needOf(missing, missing)))) return later({ kind: "shutdown" });
  let doneBytes = image.sizeBytes;
  const blobs: StoredBlob[] = [];
  for (const layer of layers) {
    const report = (copiedBytes: number): void => context.report({ doneBytes: doneBytes + copiedBytes, totalBytes });
    report(0);
    const found = await takeBlob(context, layer.digest);
    if (found.kind === "later") return found.outcome;
    const blob = found.kind === "stored" ? found.blob : await copyLayer(context, image, layer, report);
    if (blob === null) return later({ kind: "shutdown" });
    blobs.push(blob);
    doneBytes += layer.sizeBytes;
  }
  const listed = image.layers.map(({ digest, diffId }) => ({ digest, expectedDiffId: diffId }));
  return done({ checksum: image.digest, blobs, layers: listed });
}

/** Of the layers that are not stored yet. */
async function missingBytes({ disk }: ActContext, layers: readonly ImageLayer[]): Promise<number> {
  let missing = 0;
  for (const { digest, sizeBytes } of layers) if ((await disk.blobs.sizeOf(digest)) === null) missing += sizeBytes;
  return missing;
}

/** Each once. One order for all images: of two that share layers one waits for the other, and never each for the other. */
function inOrderOfDigests<L extends { readonly digest: Digest }>(layers: readonly L[]): L[] {
  const distinct = new Map<Digest, L>(layers.map((layer) => [layer.digest, layer]));
  return [...distinct.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** Null where the claim was lost before anything was published. */
async function copyLayer(
  context: ActContext,
  image: OpenedImage,
  { digest, sizeBytes }: ImageLayer,
  report: (copiedBytes: number) => void,
): Promise<StoredBlob | null> {
  const { disk, claim } = context;
  const partial = await disk.blobs.openPartial(digest, attemptName(claim));
  try {
    const isResumed = partial.sizeBytes > 0 && partial.sizeBytes <= sizeBytes;
    // Without a validator: which source the first bytes came from does not matter, the digest is of the layer itself.
    if (!isResumed) await partial.restart(null);
    await partial.append(image.bytesOf(digest, partial.sizeBytes), { maxBytes: sizeBytes }, report);
    return (await context.isStillOurs()) ? await publishPartial(partial, digest, isResumed) : null;
  } finally {
    await partial.close();
  }
}
