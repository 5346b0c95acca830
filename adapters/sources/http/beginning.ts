import { ImgstoreError } from "../../../core/errors.ts";
import type { AnswerHeaders } from "./answer-headers.ts";
import { parseContentRange } from "./content-range.ts";
import { isOfAnotherObject } from "./validators.ts";

/** Where an answer begins in the object, decided from its status and headers alone. */
export type Beginning =
  /** The body is the object from `offset` on. */
  | {
      readonly kind: "bytes";
      readonly offset: number;
      readonly totalBytes: number | null;
      /** How many bytes the body must have; null when nobody said. */
      readonly announcedBytes: number | null;
    }
  /** Nothing is missing: the object ends where the range would begin. */
  | { readonly kind: "complete"; readonly totalBytes: number }
  /** A range was asked for and something else came: ask for the whole. */
  | { readonly kind: "elsewhere" }
  /** No bytes of the object. */
  | { readonly kind: "refused" };

interface Wanted {
  readonly offset: number;
  readonly validator: string | null;
}

/**
 * Reads an answer to a request for the object from `wanted.offset` on.
 * @throws {ImgstoreError} SOURCE_REFUSED (a part that was not asked for)
 */
export function beginningOf(
  answer: { readonly status: number; readonly headers: AnswerHeaders },
  wanted: Wanted,
  shownUrl: string,
): Beginning {
  switch (answer.status) {
    case 200: {
      const totalBytes = contentLength(answer.headers);
      return { kind: "bytes", offset: 0, totalBytes, announcedBytes: totalBytes };
    }
    case 206:
      if (wanted.offset > 0) return partOf(answer.headers, wanted);
      throw new ImgstoreError("SOURCE_REFUSED", `cannot fetch "${shownUrl}": the server sends a part, unasked`);
    case 416:
      return wanted.offset > 0 ? beyondEnd(answer.headers, wanted) : { kind: "refused" };
    default:
      return { kind: "refused" };
  }
}

function partOf(headers: AnswerHeaders, { offset, validator }: Wanted): Beginning {
  const range = parseContentRange(headers.get("content-range"));
  if (range === null || range.first !== offset) return { kind: "elsewhere" };
  if (validator !== null && isOfAnotherObject(headers, validator)) return { kind: "elsewhere" };
  const partBytes = range.last - range.first + 1;
  const length = contentLength(headers);
  if (length !== null && length !== partBytes) return { kind: "elsewhere" };
  // A part that ends before the object does is taken, and then counts as cut short.
  const announcedBytes = range.totalBytes === null ? partBytes : range.totalBytes - offset;
  return { kind: "bytes", offset, totalBytes: range.totalBytes, announcedBytes };
}

/** Nothing follows the offset: either every byte is there already, or the object is another one. */
function beyondEnd(headers: AnswerHeaders, { offset, validator }: Wanted): Beginning {
  const range = parseContentRange(headers.get("content-range"));
  if (range?.first !== null || range.totalBytes !== offset) return { kind: "elsewhere" };
  if (validator !== null && isOfAnotherObject(headers, validator)) return { kind: "elsewhere" };
  return { kind: "complete", totalBytes: offset };
}

function contentLength(headers: AnswerHeaders): number | null {
  const header = headers.get("content-length");
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
