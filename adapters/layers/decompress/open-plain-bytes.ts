import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import { formatOf, SNIFFED_BYTES } from "./formats.ts";
import type { PlainBytes } from "./plain-bytes.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/**
 * The plain bytes of a stored archive, decompressed by what it contains, whatever its name says. What the format needs
 * of the system is loaded before this returns.
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION, IO_ERROR
 */
export function openPlainBytes(stored: StoredBytes): PlainBytes {
  const format = formatOf(stored.peek(SNIFFED_BYTES));
  if (format === null) return asTheyAre(stored);
  if (format.open === null) throw unsupported(format.name);
  return format.open(stored);
}

function asTheyAre(stored: StoredBytes): PlainBytes {
  return {
    read: (into) => {
      let filled = stored.next(into);
      while (filled > 0 && filled < into.length) {
        const more = stored.next(into.subarray(filled));
        if (more === 0) break;
        filled += more;
      }
      return filled;
    },
    close: () => {},
  };
}

function unsupported(name: string): ImgstoreError {
  const code: ErrorCode = "UNSUPPORTED_COMPRESSION";
  return new ImgstoreError(code, `cannot decompress the archive: it is compressed with ${name}`, {
    hint: "compress it with gzip, zstd, xz or bzip2, or not at all",
  });
}
