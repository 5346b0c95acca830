import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Digest, hexOf, parseDigest } from "../../core/digests.ts";

/** Where blobs lie in a store: `blobs/<hex>`, their partials beside them, and in `tmp/` what belongs to one attempt. */
export interface BlobPaths {
  readonly blobs: string;
  readonly tmp: string;
  blob(digest: Digest): string;
  partial(digest: Digest): string;
  ofAttempt(attempt: string): string;
  /** A name that nobody else uses. */
  aside(digest: Digest): string;
}

const PARTIAL = ".tmp";

export function blobPaths(root: string): BlobPaths {
  const blobs = join(root, "blobs");
  const tmp = join(root, "tmp");
  return {
    blobs,
    tmp,
    blob: (digest) => join(blobs, hexOf(digest)),
    partial: (digest) => join(blobs, `${hexOf(digest)}${PARTIAL}`),
    ofAttempt: (attempt) => join(tmp, `${attempt}.blob`),
    aside: (digest) => join(tmp, `${hexOf(digest)}.${randomUUID()}.blob`),
  };
}

/** What a name under `blobs/` is; null for what no blob and no partial is called. */
export function parseBlobName(name: string): { readonly digest: Digest; readonly isPartial: boolean } | null {
  const isPartial = name.endsWith(PARTIAL);
  const hex = isPartial ? name.slice(0, -PARTIAL.length) : name;
  return /^[0-9a-f]{64}$/.test(hex) ? { digest: parseDigest(hex), isPartial } : null;
}
