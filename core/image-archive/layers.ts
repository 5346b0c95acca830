import type { Digest } from "../digests.ts";
import type { ImageConfig } from "./config.ts";
import type { ByteRange } from "./entry-index.ts";
import type { Descriptor } from "./oci.ts";
import { refusal } from "./refusal.ts";

/** A layer's bytes in an archive, and what they have to be. */
export interface ArchivedLayer {
  /** Of the bytes as they lie there. */
  readonly digest: Digest;
  /** Of the plain tar. */
  readonly diffId: Digest;
  readonly range: ByteRange;
}

/** As many as the kernel stacks. @see Linux, fs/overlayfs/params.h, OVL_MAX_STACK */
export const MAX_LAYERS = 500;

/** Of a tar without entries: two blocks of zeros, which docker writes for a step that changes nothing. */
const EMPTY_TAR = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/** The same, filled up to a record of 20 blocks, as tar(1) writes it. */
const EMPTY_RECORD = "sha256:84ff92691f909a05b224e1c56abb4864f01b4f8e3c854e4bb4c7baf1d3f6d652";

/** Whether a layer changes nothing: it need not be stored, unpacked and mounted. */
export function isEmptyLayer(diffId: Digest): boolean {
  return diffId === EMPTY_TAR || diffId === EMPTY_RECORD;
}

/**
 * Each layer with its diffId from the configuration, bottom first, without those that change nothing.
 * @param path of the document that lists the layers
 * @throws {ImgstoreError} CORRUPT_ARCHIVE, LIMIT_EXCEEDED, NO_IMAGE where nothing is left
 */
export function pairLayers<T>(
  path: string,
  layers: readonly T[],
  { diffIds }: ImageConfig,
): { readonly layer: T; readonly diffId: Digest }[] {
  if (layers.length !== diffIds.length) {
    const problem = `lists ${layers.length} layers, and the image's configuration ${diffIds.length}`;
    throw refusal("CORRUPT_ARCHIVE", path, problem);
  }
  const paired = layers.flatMap((layer, position) => {
    const diffId = diffIds[position];
    return diffId === undefined || isEmptyLayer(diffId) ? [] : [{ layer, diffId }];
  });
  if (paired.length === 0) throw refusal("NO_IMAGE", path, "lists no layer that holds anything");
  if (paired.length > MAX_LAYERS) {
    throw refusal("LIMIT_EXCEEDED", path, `lists ${paired.length} layers: at most ${MAX_LAYERS} can be mounted`);
  }
  return paired;
}

/** A tar, plain or compressed; also one that may not be distributed, whose bytes are there nevertheless. */
const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(?:gzip|zstd))?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.(?:gzip|zstd))?)$/;

const FOREIGN = /nondistributable|foreign/;

/**
 * Looks whether a layer is of a kind that can be unpacked.
 * @param isThere whether its bytes are in the archive
 * @throws {ImgstoreError} UNSUPPORTED_LAYER
 * @see OCI image-spec, layer.md
 */
export function checkLayerType({ mediaType, digest }: Descriptor, isThere: boolean): void {
  if (!LAYER.test(mediaType)) {
    const problem = mediaType.endsWith("+encrypted") ? "is encrypted" : "is no tar, plain or compressed";
    throw refusal("UNSUPPORTED_LAYER", digest, `${problem}: it is of the type "${mediaType}"`);
  }
  if (!isThere && FOREIGN.test(mediaType)) {
    throw refusal("UNSUPPORTED_LAYER", digest, "may not be distributed, and its bytes are not in the archive");
  }
}
