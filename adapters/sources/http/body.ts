import { ImgstoreError } from "../../../core/errors.ts";
import { type RateFloor, withMinimumRate } from "./minimum-rate.ts";
import { networkError } from "./network-error.ts";
import type { Answer } from "./transport.ts";

export interface BodyRules {
  /** How many bytes the body must have; null when nobody said. */
  readonly announcedBytes: number | null;
  readonly shownUrl: string;
  readonly floor: RateFloor;
  readonly signal: AbortSignal;
}

/**
 * An answer's bytes. Ends only when as many came as were announced, and never gives one more. Whoever stops in the middle
 * ends the connection.
 * @throws {ImgstoreError} SOURCE_UNAVAILABLE (reset, cut short), SOURCE_STALLED, SIZE_MISMATCH, INTERRUPTED
 */
export async function* readBody(
  answer: Answer,
  { announcedBytes, shownUrl, floor, signal }: BodyRules,
): AsyncGenerator<Uint8Array> {
  let receivedBytes = 0;
  try {
    for await (const chunk of withMinimumRate(answer.body, floor, shownUrl)) {
      receivedBytes += chunk.byteLength;
      if (announcedBytes !== null && receivedBytes > announcedBytes) {
        throw new ImgstoreError(
          "SIZE_MISMATCH",
          `cannot fetch "${shownUrl}": the server announced ${announcedBytes} bytes and sends more`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    throw networkError(error, shownUrl, signal);
  }
  if (announcedBytes !== null && receivedBytes < announcedBytes) {
    throw new ImgstoreError(
      "SOURCE_UNAVAILABLE",
      `cannot fetch "${shownUrl}": cut short after ${receivedBytes} of ${announcedBytes} bytes`,
    );
  }
}
