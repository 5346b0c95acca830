import { libbz2 } from "./bzip2.ts";
import { gzipDecoder } from "./gzip.ts";
import { liblzma } from "./xz.ts";
import { libzstd } from "./zstd.ts";

/**
 * Loads whatever any format needs of the system, for a process that can reach no file of it afterwards. Takes some 4 ms:
 * the dynamic linker's work, and the trial of libisal. What cannot be loaded is an error of the archive that needs it,
 * and of no other.
 */
export function loadCodecs(): void {
  gzipDecoder();
  for (const library of [libzstd, liblzma, libbz2]) library.load();
}
