import { type Need, needLeft, nextPartBytes } from "../../core/admission/need.ts";
import type { ActContext } from "./act-context.ts";
import { admit } from "./admit.ts";
import type { UnpackingAhead } from "./unpack-ahead.ts";

/** The unpacking is always somewhat behind what was reckoned: it is asked again where it is so many times as much, */
const MUCH_MORE = 2;
/** and by so much. */
const LITTLE_BYTES = 16 * 2 ** 20;

/**
 * The room that a download and its unpacking need, reserved before it is written: at once where the source says how much
 * will come, else part by part. Where an archive turns out to grow by more than was reserved, more is reserved.
 */
export class RoomForDownload {
  readonly #context: ActContext;
  readonly #ahead: Pick<UnpackingAhead, "unpacked">;
  readonly #totalBytes: number | null;
  /** Bytes that may come before it is time to look again. */
  #untilBytes = 0;
  #reservedBytes = 0;
  #reservedAtBytes = 0;

  /** @param totalBytes of the whole source; null where it does not say */
  constructor(context: ActContext, ahead: Pick<UnpackingAhead, "unpacked">, totalBytes: number | null) {
    this.#context = context;
    this.#ahead = ahead;
    this.#totalBytes = totalBytes;
  }

  /**
   * Reserves what is still needed when so many bytes have come.
   * @returns false when the claim is over
   * @throws {ImgstoreError} NO_SPACE
   */
  async admit(fetchedBytes: number): Promise<boolean> {
    this.#untilBytes = fetchedBytes + nextPartBytes(fetchedBytes);
    const need = this.#needLeft(fetchedBytes);
    if (need.likely.bytes <= this.#reservedLeft(fetchedBytes)) return true;
    if (!(await admit(this.#context, need))) return false;
    this.#reservedBytes = need.likely.bytes;
    this.#reservedAtBytes = fetchedBytes;
    return true;
  }

  /** A source's bytes, each part when there is room for it; they end early when the claim is over. */
  async *letIn(bytes: AsyncIterable<Uint8Array>, fetchedBytes: number): AsyncGenerator<Uint8Array> {
    let comeBytes = fetchedBytes;
    for await (const chunk of bytes) {
      comeBytes += chunk.byteLength;
      if (this.#isTimeToLook(comeBytes) && !(await this.admit(comeBytes))) return;
      yield chunk;
    }
  }

  /** Also where little comes and much becomes of it. */
  #isTimeToLook(comeBytes: number): boolean {
    if (comeBytes > this.#untilBytes) return true;
    if (this.#totalBytes === null) return false;
    return this.#needLeft(comeBytes).likely.bytes > MUCH_MORE * this.#reservedLeft(comeBytes) + LITTLE_BYTES;
  }

  #needLeft(fetchedBytes: number): Need {
    const { storedBytes, plainBytes } = this.#ahead.unpacked;
    // what comes beyond what was announced is refused elsewhere
    const totalBytes = this.#totalBytes === null ? null : Math.max(this.#totalBytes, fetchedBytes);
    return needLeft({ fetchedBytes, totalBytes, unpackedBytes: storedBytes, plainBytes });
  }

  /** As whoever else wants room reckons it; of a part of an unknown whole, all. */
  #reservedLeft(fetchedBytes: number): number {
    if (this.#totalBytes === null || this.#totalBytes <= this.#reservedAtBytes) return 0;
    const left = (this.#totalBytes - fetchedBytes) / (this.#totalBytes - this.#reservedAtBytes);
    return this.#reservedBytes * Math.max(0, left);
  }
}
