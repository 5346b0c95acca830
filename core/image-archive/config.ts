import * as v from "valibot";
import type { Digest } from "../digests.ts";
import { type ArchiveDocument, digestText, parseDocument } from "./documents.ts";
import type { Platform } from "./platform.ts";

/** What counts of an image's configuration. */
export interface ImageConfig {
  /** Null where the configuration does not say, as very old ones. */
  readonly platform: Platform | null;
  /** Of each layer's plain tar, bottom first. */
  readonly diffIds: readonly Digest[];
}

const CONFIG = v.object({
  os: v.optional(v.string(), ""),
  architecture: v.optional(v.string(), ""),
  variant: v.optional(v.string(), ""),
  rootfs: v.object({ type: v.literal("layers"), diff_ids: v.array(digestText) }),
});

/**
 * An image's configuration, docker's or OCI's.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE
 * @see OCI image-spec, config.md
 */
export function parseConfig(document: ArchiveDocument): ImageConfig {
  const { os, architecture, variant, rootfs } = parseDocument(CONFIG, document);
  const platform = os === "" || architecture === "" ? null : { os, architecture, variant };
  return { platform, diffIds: rootfs.diff_ids };
}
