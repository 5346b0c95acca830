import { declare, lastError } from "./ffi.ts";
import type { CString } from "./openat.ts";

const GETDENTS64 = process.arch === "x64" ? 217 : 61;
const BATCH_BYTES = 32 * 1024;
const DT_UNKNOWN = 0;
const DT_DIR = 4;
const DOT = 0x2e;

const getdents64 = declare<(call: number, fd: number, entries: Uint8Array, sizeBytes: number) => number>(
  "long syscall(long, int, void*, size_t)",
);

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: CString;
  /** Null where the file system does not say. */
  readonly isDirectory: boolean | null;
}

/**
 * The names in an open directory, but "." and "..", as bytes. They may be removed while they are listed.
 * @throws {SystemCallError}
 * @see getdents64(2)
 */
export function* entriesIn(fd: number): Generator<DirectoryEntry> {
  const batch = new Uint8Array(BATCH_BYTES);
  const view = new DataView(batch.buffer);
  for (;;) {
    const filled = getdents64(GETDENTS64, fd, batch, batch.length);
    if (filled < 0) throw lastError("getdents64");
    if (filled === 0) return;
    for (let at = 0; at < filled; at += view.getUint16(at + 16, true)) {
      const name = batch.slice(at + 19, batch.indexOf(0, at + 19) + 1);
      const type = batch[at + 18];
      if (!isSelfOrParent(name)) yield { name, isDirectory: type === DT_UNKNOWN ? null : type === DT_DIR };
    }
  }
}

function isSelfOrParent(name: CString): boolean {
  return name[0] === DOT && (name[1] === 0 || (name[1] === DOT && name[2] === 0));
}
