import { endianness } from "node:os";
import { getSystemErrorMap } from "node:util";
import koffi, { type LibraryHandle } from "koffi";
import { NAMES_UNKNOWN_TO_NODE } from "./errno.ts";

/** The C library that is already in the process: one line for glibc and musl. */
const libc = koffi.load(null);

/** A shared library that is loaded; functions of it are declared as those of the C library are. */
export type SharedLibrary = LibraryHandle;

/**
 * A shared library of the system by its file name, such as `libz.so.1`. What it calls within itself is its own, also
 * where this program exports the same names (Node those of its zlib, newer ones those of zstd): with half of another
 * version's functions a library destroys memory.
 * @param symbol a name of the library's
 * @throws what the dynamic linker says, or where it cannot keep the two apart (musl)
 * @see dlopen(3), RTLD_DEEPBIND
 */
export function loadSharedLibrary(file: string, symbol: string): SharedLibrary {
  const canBindDeep = isThere("gnu_get_libc_version");
  if (!canBindDeep && isThere(symbol)) throw new Error(`this program has a "${symbol}" of its own`);
  return koffi.load(file, { deep: true });
}

/** Whether the program, or a library that it was started with, has a function of this name. */
function isThere(symbol: string): boolean {
  try {
    libc.func(`void ${symbol}()`);
    return true;
  } catch {
    return false;
  }
}

/** Whether structs of the C libraries are laid out as on x86_64 and aarch64: 64-bit pointers and sizes, little-endian. */
export const isLittleEndian64: boolean = endianness() === "LE" && koffi.sizeof("void *") === 8;

/**
 * A function of a library (the C library unless told otherwise) by its C prototype. Read `errno` with `lastError` right after a call, before any other
 * call of this process's file system functions. There is no `ssize_t`: say `long`.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller states the prototype's type: nobody else can
export function declare<F extends (...args: never[]) => unknown>(prototype: string, library: SharedLibrary = libc): F {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return library.func(prototype) as unknown as F;
}

/**
 * As `declare`, of a function of the C library that takes one number and blocks: run in the runtime's pool of threads.
 * @returns what the function returns; `errno` is lost
 */
export function declareBlocking(prototype: string): (argument: number) => Promise<number> {
  const blocking = libc.func(prototype);
  return (argument) =>
    new Promise((resolve, reject) => {
      blocking.async(argument, (error: Error | null, result: number) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
}

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map([
  ...[...getSystemErrorMap()].map(([errno, [name]]) => [-errno, name] as const),
  ...NAMES_UNKNOWN_TO_NODE,
]);

/** A failed system call, with Node's own fields, so that one translation serves both. */
export interface SystemCallError extends Error {
  readonly errno: number;
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

/** The error of the call that just failed. */
export function lastError(syscall: string, path?: string): SystemCallError {
  const errno = koffi.errno();
  const code = ERRNO_NAMES.get(errno) ?? `E${errno}`;
  const error = new Error(`${syscall}${path === undefined ? "" : ` '${path}'`}: ${code}`);
  return Object.assign(error, { errno, code, syscall, ...(path === undefined ? {} : { path }) });
}

/** Address of a buffer's first byte, for functions declared with `uintptr_t`. The caller keeps the buffer alive. */
export function addressOf(buffer: Uint8Array): number {
  return Number(koffi.address(buffer));
}
