import type { Digest } from "../digests.ts";
import type { RecordedError } from "../errors.ts";
import type { LayerForm } from "../lifecycle/work.ts";

/** Blobs and trees that are not what their rows say: how they are found, and how nobody relies on them any more. */
export interface DamageRows {
  /**
   * The stored bytes are not there or not right: nobody trusts the row any more, the next download fetches them again.
   * @returns whether it is so by this word
   */
  damageBlob(digest: Digest): Promise<boolean>;

  /**
   * A published tree is not there or not right: nobody trusts it any more, the next unpacking makes it again. Every image
   * that relies on it is to be repaired (`Placement.isRepairWanted`), with the reason for its error.
   * @returns whether it is so by this word
   */
  damageLayer(digest: Digest, form: LayerForm, reason: RecordedError): Promise<boolean>;

  /** Has the images that have a blob, and are STORED, fetched again, with the reason for their error. */
  fetchAgain(digest: Digest, reason: RecordedError): Promise<void>;

  /** Whether a mount may still show the tree that another has taken the place of: of an image that is yet to be repaired. */
  isReplacedTreeUsed(diffId: Digest): Promise<boolean>;

  /**
   * What was looked over the longest ago, where that is more than so many milliseconds, and where the node's background
   * check may go on (`noteVerified`); null where there is none.
   */
  nextToVerify(form: LayerForm, everyMs: number): Promise<Piece | null>;

  /**
   * A blob or layer was looked over now, and is not next for a while.
   * @param restMs how long the background check of this node rests after it; 0: it goes on as it would have
   */
  noteVerified(piece: Piece, restMs: number): Promise<void>;
}

/** A blob or a layer's tree that is there, by its row. */
export type Piece =
  | { readonly kind: "blob"; readonly digest: Digest; readonly sizeBytes: number }
  | {
      readonly kind: "layer";
      readonly digest: Digest;
      readonly form: LayerForm;
      readonly diffId: Digest;
      readonly sizeBytes: number;
    };
