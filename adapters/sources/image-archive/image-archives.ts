import type { Digest } from "../../../core/digests.ts";
import type { ImageArchiveSource } from "../../../core/image-archive/archive-source.ts";
import type { ArchivedLayer } from "../../../core/image-archive/layers.ts";
import type { Platform } from "../../../core/image-archive/platform.ts";
import { printable } from "../../../core/names.ts";
import type { ImageArchiveRequest, ImageArchives, OpenedImage } from "../../../core/ports/image-archives.ts";
import { interrupted } from "../interrupted.ts";
import type { RegularFile } from "../regular-file.ts";
import { type VerifiedArchive, verifyArchive } from "./archive-bytes.ts";
import { dockerLayers } from "./docker-image.ts";
import { IndexedArchive } from "./indexed-archive.ts";
import { ociLayers } from "./oci-image.ts";
import { thisPlatform } from "./this-platform.ts";

const LAYERS_OF = { docker: dockerLayers, oci: ociLayers } as const;

/** The images of archives on this machine. @param store its `tmp/` takes what has to be decompressed first */
export function createImageArchives(
  store: { readonly root: string },
  platform: Platform = thisPlatform(),
): ImageArchives {
  return {
    async open(source: ImageArchiveSource, request: ImageArchiveRequest): Promise<OpenedImage> {
      if (request.signal.aborted) throw interrupted(printable(source.path), request.signal);
      const archive = await verifyArchive(source.path, store.root, request);
      try {
        return opened(archive, await findLayers(archive.plain, source, platform, request), request);
      } catch (error) {
        await archive.plain.close();
        throw error;
      }
    },
  };
}

async function findLayers(
  plain: RegularFile,
  { format, tag }: ImageArchiveSource,
  platform: Platform,
  { signal }: ImageArchiveRequest,
): Promise<ArchivedLayer[]> {
  try {
    // The parser is loaded by those who need it.
    const { indexEntries } = await import("./index-entries.ts");
    const archive = new IndexedArchive(plain, await indexEntries(plain, signal), signal);
    return await LAYERS_OF[format](archive, tag, platform);
  } catch (error) {
    // What is wrong in a file that changes under our hands is not the file's last word.
    await plain.expectUnchanged();
    throw error;
  }
}

function opened(
  { digest, sizeBytes, plain }: VerifiedArchive,
  layers: readonly ArchivedLayer[],
  { signal }: ImageArchiveRequest,
): OpenedImage {
  const ranges = new Map(layers.map((layer) => [layer.digest, layer.range]));
  return {
    digest,
    sizeBytes,
    layers: layers.map((layer) => ({
      digest: layer.digest,
      diffId: layer.diffId,
      sizeBytes: layer.range.sizeBytes,
    })),
    bytesOf(layer: Digest, offset: number) {
      const range = ranges.get(layer);
      if (range === undefined) throw new Error(`the image has no layer ${layer}`);
      return plain.read({ offset: range.offset + offset, end: range.offset + range.sizeBytes, signal });
    },
    close: () => plain.close(),
  };
}
