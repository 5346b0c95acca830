import type { Digest } from "../../../core/digests.ts";
import { choosePlatform, chooseTagged } from "../../../core/image-archive/choose.ts";
import { parseConfig } from "../../../core/image-archive/config.ts";
import { DOCKER_MANIFEST, digestInPath, parseDockerManifest } from "../../../core/image-archive/docker.ts";
import type { ByteRange } from "../../../core/image-archive/entry-index.ts";
import { type ArchivedLayer, pairLayers } from "../../../core/image-archive/layers.ts";
import type { Platform } from "../../../core/image-archive/platform.ts";
import { refusal } from "../../../core/image-archive/refusal.ts";
import type { IndexedArchive } from "./indexed-archive.ts";

/**
 * The layers of an image that `docker save` wrote, bottom first.
 * @throws {ImgstoreError} as ImageArchives.open
 */
export async function dockerLayers(
  archive: IndexedArchive,
  tag: string | null,
  platform: Platform,
): Promise<ArchivedLayer[]> {
  if (!archive.index.has(DOCKER_MANIFEST)) throw refusal("NO_IMAGE", DOCKER_MANIFEST, "is not in it");
  const images = parseDockerManifest(await archive.document(DOCKER_MANIFEST));
  const [image] = chooseTagged(images, tag);
  if (image === undefined) throw refusal("NO_IMAGE", DOCKER_MANIFEST, "lists no image");
  const config = parseConfig(await archive.document(image.configPath));
  choosePlatform([config], platform);

  const layers: ArchivedLayer[] = [];
  for (const { layer: path, diffId } of pairLayers(DOCKER_MANIFEST, image.layerPaths, config)) {
    const range = archive.index.fileAt(path);
    layers.push({ digest: await digestOf(archive, path, range, diffId), diffId, range });
  }
  return layers;
}

/** What the bytes have to have: the manifest does not say it. */
async function digestOf(archive: IndexedArchive, path: string, range: ByteRange, diffId: Digest): Promise<Digest> {
  if (!(await archive.isCompressed(range))) return diffId;
  return digestInPath(path) ?? archive.digestOf(range);
}
