import { ImgstoreError } from "../../../core/errors.ts";
import { isLittleEndian64, loadSharedLibrary, type SharedLibrary } from "../../linux/ffi.ts";

/** A compression library of the system, as it is looked for. */
export interface WantedLibrary<Functions> {
  readonly format: string;
  /** Names that systems have for the same interface, the first one Debian's. */
  readonly files: readonly [string, ...string[]];
  readonly debianPackage: string;
  /** One of its functions, by which one sees whether this program has such ones of its own. */
  readonly symbol: string;
  /** @throws where the library's version is not one whose interface is known, or lacks a function */
  readonly bind: (library: SharedLibrary) => Functions;
}

/**
 * A compression library, loaded once, when it is first asked for; from then on the answer is the same. Its structs are
 * laid out as its public header says for 64-bit, little-endian machines (x86_64, aarch64).
 */
export class CodecLibrary<Functions> {
  readonly #wanted: WantedLibrary<Functions>;
  #outcome: { readonly functions: Functions } | { readonly error: ImgstoreError } | null = null;

  constructor(wanted: WantedLibrary<Functions>) {
    this.#wanted = wanted;
  }

  /** Null where there is none, or none that is known: `functions` says why. */
  load(): Functions | null {
    this.#outcome ??= outcomeOf(this.#wanted);
    return "functions" in this.#outcome ? this.#outcome.functions : null;
  }

  /** @throws {ImgstoreError} UNSUPPORTED_COMPRESSION where there is none, or none that is known */
  functions(): Functions {
    this.#outcome ??= outcomeOf(this.#wanted);
    if ("error" in this.#outcome) throw this.#outcome.error;
    return this.#outcome.functions;
  }
}

function outcomeOf<Functions>(
  wanted: WantedLibrary<Functions>,
): { readonly functions: Functions } | { readonly error: ImgstoreError } {
  const failures: unknown[] = [];
  for (const file of wanted.files) {
    try {
      if (!isLittleEndian64) throw new Error("its structs are not known on this processor");
      return { functions: wanted.bind(loadSharedLibrary(file, wanted.symbol)) };
    } catch (error) {
      failures.push(error);
    }
  }
  return { error: cannotLoad(wanted, failures[0]) };
}

function cannotLoad({ format, files, debianPackage }: WantedLibrary<unknown>, cause: unknown): ImgstoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `cannot decompress the archive: it is compressed with ${format}, and "${files[0]}" cannot be used: ${reason}`;
  return new ImgstoreError("UNSUPPORTED_COMPRESSION", message, {
    cause,
    hint: `install the library (Debian's package ${debianPackage}), or compress the archive with gzip`,
  });
}
