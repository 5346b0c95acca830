import { choosePlatform, chooseTagged } from "../../../core/image-archive/choose.ts";
import { type ImageConfig, parseConfig } from "../../../core/image-archive/config.ts";
import { type ArchivedLayer, checkLayerType, pairLayers } from "../../../core/image-archive/layers.ts";
import {
  blobPath,
  checkLayout,
  type Descriptor,
  type ListedManifest,
  OCI_INDEX,
  OCI_LAYOUT,
  type OciManifest,
  parseIndex,
  parseManifest,
} from "../../../core/image-archive/oci.ts";
import type { Platform } from "../../../core/image-archive/platform.ts";
import { refusal } from "../../../core/image-archive/refusal.ts";
import { expectSize, type IndexedArchive } from "./indexed-archive.ts";

/** How deep indexes may list indexes; tools make one below `index.json`. */
const MAX_NESTING = 4;

/**
 * The layers of an image in an OCI layout, bottom first.
 * @throws {ImgstoreError} as ImageArchives.open
 * @see OCI image-spec, image-layout.md
 */
export async function ociLayers(
  archive: IndexedArchive,
  tag: string | null,
  platform: Platform,
): Promise<ArchivedLayer[]> {
  if (!archive.index.has(OCI_INDEX)) throw refusal("NO_IMAGE", OCI_INDEX, "is not in it");
  checkLayout(await archive.document(OCI_LAYOUT));
  const listed = chooseTagged(parseIndex(await archive.document(OCI_INDEX)), tag);
  const images = await imagesOf(archive, listed, 1);
  if (images.length === 0) throw refusal("NO_IMAGE", OCI_INDEX, "lists no container image");
  const image = choosePlatform(images, platform);
  const { manifest, config } = image.contents ?? (await contentsOf(archive, image));
  return pairLayers(blobPath(image.digest), manifest.layers, config).map(({ layer, diffId }) => ({
    digest: layer.digest,
    diffId,
    range: rangeOf(archive, layer),
  }));
}

/** A manifest with the platform that its image is for. */
interface Image extends Descriptor {
  readonly platform: Platform | null;
  /** Null where they were not needed yet. */
  readonly contents: Contents | null;
}

interface Contents {
  readonly manifest: OciManifest;
  readonly config: ImageConfig;
}

/** The manifests of a list, and of the indexes in it, in order. */
async function imagesOf(archive: IndexedArchive, listed: readonly ListedManifest[], depth: number): Promise<Image[]> {
  const images: Image[] = [];
  for (const entry of listed) {
    if (entry.kind === "index") {
      const path = blobPath(entry.digest);
      if (depth > MAX_NESTING) throw refusal("LIMIT_EXCEEDED", path, "is an index of indexes too many");
      const below = parseIndex(await archive.describedDocument(entry));
      images.push(...(await imagesOf(archive, below, depth + 1)));
    } else images.push(await withPlatform(archive, entry));
  }
  return images;
}

/** Where the list does not say it, the image's own configuration does. */
async function withPlatform(archive: IndexedArchive, entry: ListedManifest): Promise<Image> {
  if (entry.platform !== null) return { ...entry, contents: null };
  const contents = await contentsOf(archive, entry);
  return { ...entry, platform: contents.config.platform, contents };
}

async function contentsOf(archive: IndexedArchive, descriptor: Descriptor): Promise<Contents> {
  const manifest = parseManifest(await archive.describedDocument(descriptor));
  return { manifest, config: parseConfig(await archive.describedDocument(manifest.config)) };
}

function rangeOf(archive: IndexedArchive, layer: Descriptor): ArchivedLayer["range"] {
  const path = blobPath(layer.digest);
  checkLayerType(layer, archive.index.has(path));
  const range = archive.index.fileAt(path);
  expectSize(path, range.sizeBytes, layer.sizeBytes);
  return range;
}
