import { ImgstoreError } from "../../../core/errors.ts";
import { isLittleEndian64, loadSharedLibrary, type SharedLibrary } from "../../linux/ffi.ts";

/** A compression library of the system. */
export interface CodecLibrary<Functions> {
  readonly format: string;
  /** Names that systems have for the same interface, the first one Debian's. */
  readonly files: readonly [string, ...string[]];
  readonly debianPackage: string;
  /** @throws where the library's version is not one whose interface is known, or lacks a function */
  readonly bind: (library: SharedLibrary) => Functions;
}

/**
 * The functions of a compression library, whose structs are then laid out as its public header says for 64-bit,
 * little-endian machines (x86_64, aarch64).
 * @throws {ImgstoreError} UNSUPPORTED_COMPRESSION where there is none, or none that is known
 */
export function loadCodecLibrary<Functions>(wanted: CodecLibrary<Functions>): Functions {
  const failures: unknown[] = [];
  for (const file of wanted.files) {
    try {
      if (!isLittleEndian64) throw new Error("its structs are not known on this processor");
      return wanted.bind(loadSharedLibrary(file));
    } catch (error) {
      failures.push(error);
    }
  }
  throw cannotLoad(wanted, failures[0]);
}

function cannotLoad({ format, files, debianPackage }: CodecLibrary<unknown>, cause: unknown): ImgstoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `cannot decompress the archive: it is compressed with ${format}, and "${files[0]}" cannot be used: ${reason}`;
  return new ImgstoreError("UNSUPPORTED_COMPRESSION", message, {
    cause,
    hint: `install the library (Debian's package ${debianPackage}), or compress the archive with gzip`,
  });
}
