import { type FetchProgress, needLeft } from "../../core/admission/need.ts";
import { asImgstoreError, type ImgstoreError } from "../../core/errors.ts";
import type { ActContext } from "./act-context.ts";
import { admit } from "./admit.ts";

/** An estimate that varies by so much is no news. */
const TOLERANCE = 1.1;

/**
 * The room that the unpacking of a stored blob needs: reserved before it begins, and again where the archive turns out to
 * grow by more than was reserved. Where that is not there, `refused` fires: better early than with the last byte.
 */
export class RoomForTree {
  readonly #context: ActContext;
  readonly #blobBytes: number;
  readonly #refused = new AbortController();
  #refusal: ImgstoreError | null = null;
  #isAsking = false;
  /** Plain bytes of the whole archive that there is room for. */
  #plainBytes = 0;

  constructor(context: ActContext, blobBytes: number) {
    this.#context = context;
    this.#blobBytes = blobBytes;
  }

  get refused(): AbortSignal {
    return this.#refused.signal;
  }

  /** What the unpacking failed of, then; else null. */
  get refusal(): ImgstoreError | null {
    return this.#refusal;
  }

  /** @returns false when the claim is over @throws {ImgstoreError} NO_SPACE */
  async admit(): Promise<boolean> {
    return this.#reserve(0, 0);
  }

  /** So many of the blob's bytes became so many plain ones. */
  grown(unpackedBytes: number, plainBytes: number): void {
    const likelyBytes = plainBytes + this.#needLeft(unpackedBytes, plainBytes).likely.bytes;
    if (likelyBytes <= TOLERANCE * this.#plainBytes || this.#isAsking) return;
    this.#isAsking = true;
    this.#reserve(unpackedBytes, plainBytes)
      .catch((error: unknown) => {
        this.#refusal = asImgstoreError(error);
        this.#refused.abort();
      })
      .finally(() => {
        this.#isAsking = false;
      });
  }

  async #reserve(unpackedBytes: number, plainBytes: number): Promise<boolean> {
    const need = this.#needLeft(unpackedBytes, plainBytes);
    const isAdmitted = await admit(this.#context, need);
    this.#plainBytes = plainBytes + need.likely.bytes;
    return isAdmitted;
  }

  #needLeft(unpackedBytes: number, plainBytes: number): ReturnType<typeof needLeft> {
    const [fetchedBytes, totalBytes] = [this.#blobBytes, this.#blobBytes];
    const progress: FetchProgress = {
      fetchedBytes,
      totalBytes,
      unpackedBytes: Math.min(unpackedBytes, totalBytes),
      plainBytes,
    };
    return needLeft(progress);
  }
}
