import type { Readable } from "node:stream";
import { ImgstoreError } from "../../../core/errors.ts";

/**
 * The slowest that a body may come: so many bytes a second, measured over a window of waiting for it. With 0 it may come
 * as slowly as it likes, but is given up when it stays silent for five minutes.
 */
export interface RateFloor {
  readonly minBytesPerSecond: number;
  readonly windowMs: number;
}

const TICKS_PER_WINDOW = 10;
const SILENCE_MS = 300_000;

/**
 * A body's bytes, given up when a window brings too few: an idle time-out alone lets a trickle live for ever. Only time
 * spent waiting for the body counts, not what the consumer takes for itself.
 * @throws {ImgstoreError} SOURCE_STALLED
 */
export async function* withMinimumRate(body: Readable, floor: RateFloor, shownUrl: string): AsyncGenerator<Uint8Array> {
  const isBounded = floor.minBytesPerSecond > 0;
  const windowMs = isBounded ? floor.windowMs : SILENCE_MS;
  const leastBytes = isBounded ? (floor.minBytesPerSecond * windowMs) / 1000 : 1;
  let isWaiting = true;
  let ticks = 0;
  let windowBytes = 0;
  const clock = setInterval(() => {
    if (!isWaiting || ++ticks < TICKS_PER_WINDOW) return;
    if (windowBytes < leastBytes) body.destroy(stalled(shownUrl, windowBytes, windowMs));
    ticks = 0;
    windowBytes = 0;
  }, windowMs / TICKS_PER_WINDOW);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      windowBytes += chunk.byteLength;
      isWaiting = false;
      yield chunk;
      isWaiting = true;
    }
  } finally {
    clearInterval(clock);
  }
}

function stalled(shownUrl: string, windowBytes: number, windowMs: number): ImgstoreError {
  return new ImgstoreError(
    "SOURCE_STALLED",
    `cannot fetch "${shownUrl}": only ${windowBytes} bytes came in ${windowMs / 1000} s`,
    { hint: "IMGSTORE_MIN_BYTES_PER_S=0 waits as long as anything comes at all" },
  );
}
