import type { Digest } from "../../core/digests.ts";
import type { StoredBlob } from "../../core/ports/image-rows.ts";
import { blobKey } from "../../core/ports/work-rows.ts";
import { later, type Outcome } from "../../core/protocol/outcome.ts";
import type { ActContext } from "./act-context.ts";

/**
 * Takes a blob that was published before its digest was known, so that no collection takes it away before it has its row.
 * @returns null once it is there for sure; else what stands against it
 */
export async function keepPublished(
  { work, claim, disk }: ActContext,
  { digest }: StoredBlob,
): Promise<Outcome | null> {
  const taken = await work.takeBlob(claim, digest);
  if (taken.kind === "held") return later({ kind: "held", waitsFor: blobKey(digest), untilMs: taken.untilMs });
  if (taken.kind === "stale") return later({ kind: "shutdown" });
  if ((await disk.blobs.sizeOf(digest)) !== null) return null;
  // It was collected between our publishing and our taking it: it is fetched again.
  return later({ kind: "shutdown" });
}

/** What an act finds when it needs a blob. */
export type BlobFound =
  /** Stored and verified: nothing to do. */
  | { readonly kind: "stored"; readonly blob: StoredBlob }
  /** It is this claim's to fetch. */
  | { readonly kind: "taken" }
  /** Not now: another claim fetches it, or ours is over. */
  | { readonly kind: "later"; readonly outcome: Outcome };

/** Takes a blob for this claim, unless it is there: by its row, or published by an attempt that did not live to say so. */
export async function takeBlob(context: ActContext, digest: Digest): Promise<BlobFound> {
  const { work, claim, disk } = context;
  let taken = await work.takeBlob(claim, digest);
  if (taken.kind === "present") {
    const { sizeBytes } = taken;
    if ((await disk.blobs.sizeOf(digest)) === sizeBytes) return { kind: "stored", blob: { digest, sizeBytes } };
    await work.damageBlob(digest);
    taken = await work.takeBlob(claim, digest);
  }
  if (taken.kind === "held") {
    return { kind: "later", outcome: later({ kind: "held", waitsFor: blobKey(digest), untilMs: taken.untilMs }) };
  }
  if (taken.kind !== "taken") return { kind: "later", outcome: later({ kind: "shutdown" }) };
  const sizeBytes = await disk.blobs.verifiedSizeOf(digest);
  return sizeBytes === null ? { kind: "taken" } : { kind: "stored", blob: { digest, sizeBytes } };
}
