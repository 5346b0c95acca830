import { marginBytes } from "../../core/admission/need.ts";
import type { Digest } from "../../core/digests.ts";
import { asImgstoreError, ImgstoreError, type RecordedError } from "../../core/errors.ts";
import type { StopSignal } from "../../core/ports/abort-signal.ts";
import type { Piece } from "../../core/ports/damage-rows.ts";
import type { Disk, Engine } from "../engine.ts";
import { blobDamaged, treeDiffers, treeLost } from "./reasons.ts";

/** What a look at a blob or a tree came to. */
export type Finding =
  | { readonly kind: "right" }
  | { readonly kind: "damaged"; readonly reason: RecordedError }
  /** Nothing can be said of it now. */
  | { readonly kind: "unverified"; readonly reason: string };

type PieceOf<K extends Piece["kind"]> = Extract<Piece, { kind: K }>;

/** Hashes blobs again and compares trees with theirs; each blob once. Works under the lock `verify`. */
export class Verifier {
  readonly #engine: Engine;
  readonly #disk: Disk;
  readonly #signal: StopSignal;
  readonly #blobs = new Map<Digest, boolean>();

  constructor(engine: Engine, disk: Disk, signal: StopSignal) {
    this.#engine = engine;
    this.#disk = disk;
    this.#signal = signal;
  }

  /** @throws {ImgstoreError} INTERRUPTED */
  async look(piece: Piece): Promise<Finding> {
    try {
      return await (piece.kind === "blob" ? this.#lookAtBlob(piece) : this.#lookAtTree(piece));
    } catch (thrown) {
      const error = asImgstoreError(thrown);
      if (error.code === "INTERRUPTED") throw error;
      return { kind: "unverified", reason: error.message };
    }
  }

  async #lookAtBlob({ digest, sizeBytes }: PieceOf<"blob">): Promise<Finding> {
    const foundBytes = await this.#disk.blobs.sizeOf(digest);
    if (foundBytes === null) return damaged(blobDamaged(digest, "is not under blobs/"));
    if (foundBytes !== sizeBytes) {
      return damaged(blobDamaged(digest, `has ${foundBytes} bytes instead of ${sizeBytes}`));
    }
    if (await this.#isBlobRight(digest)) return { kind: "right" };
    return damaged(blobDamaged(digest, "is not what its digest says"));
  }

  async #lookAtTree({ digest, diffId, sizeBytes }: PieceOf<"layer">): Promise<Finding> {
    const { layers } = this.#disk;
    if (!(await layers.has(diffId))) return damaged(treeLost(diffId));
    if (!(await this.#isBlobRight(digest)))
      return { kind: "unverified", reason: "there is no blob to compare it with" };
    if (!(await this.#isRoomFor(sizeBytes)))
      return { kind: "unverified", reason: "there is no room to unpack it again" };
    const { limits } = this.#engine.settings;
    const compared = await layers.compare({ blob: digest, diffId, limits, signal: this.#signal });
    switch (compared.kind) {
      case "equal":
        return { kind: "right" };
      case "gone":
        return { kind: "unverified", reason: "it was replaced or removed meanwhile" };
      case "different":
        return damaged(treeDiffers(diffId, compared.count, compared.first));
    }
  }

  /** A look must not take what images wait for. */
  async #isRoomFor(sizeBytes: number): Promise<boolean> {
    const { bytes, totalBytes } = await this.#disk.space.free();
    return bytes - sizeBytes >= marginBytes(totalBytes);
  }

  async #isBlobRight(digest: Digest): Promise<boolean> {
    const known = this.#blobs.get(digest);
    if (known !== undefined) return known;
    const isRight = await readsRight(this.#disk, digest);
    this.#blobs.set(digest, isRight);
    return isRight;
  }
}

function damaged(reason: RecordedError): Finding {
  return { kind: "damaged", reason };
}

/** A disk that does not give the bytes back has lost them as well. */
async function readsRight({ blobs }: Disk, digest: Digest): Promise<boolean> {
  try {
    return (await blobs.verifiedSizeOf(digest)) !== null;
  } catch (error) {
    if (error instanceof ImgstoreError && error.code === "IO_ERROR") return false;
    throw error;
  }
}
