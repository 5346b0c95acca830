import type { Entry } from "./entry.ts";
import { FIELDS, hasGnuMagic, numberField, typeOf } from "./header.ts";
import type { SparseRecord } from "./pax.ts";
import { refusal } from "./refusal.ts";
import { OldSparseMapReader, PaxSparseMapReader, type SparseMap, type SparseMapReader } from "./sparse.ts";
import { parseSparseRecords } from "./sparse-records.ts";

/** A file with holes: its map is known, or is read first from the blocks that follow. */
export type SparseEntry =
  | { readonly entry: Entry; readonly map: SparseMap }
  | { readonly entry: Entry; readonly reader: SparseMapReader };

const OLD_SPARSE = "S";
const SLASH = 0x2f;

/**
 * The entry of a header block as a sparse file, where the header or its extended header says so; else null.
 * @param plain the entry without regard to that
 * @param records of its extended header
 * @throws {ImgstoreError} CORRUPT_ARCHIVE
 */
export function readSparseEntry(
  bytes: Uint8Array,
  at: number,
  plain: Entry,
  records: readonly SparseRecord[],
): SparseEntry | null {
  const isOld = typeOf(bytes, at) === OLD_SPARSE;
  if (records.length === 0) return isOld && plain.kind === "file" ? readOld(bytes, at, plain) : null;
  if (isOld || plain.kind !== "file") throw refusal("CORRUPT_ARCHIVE", plain, "it is a sparse file and something else");
  const { path, realSizeBytes, map } = parseSparseRecords(records, plain);
  const entry = sparse({ ...plain, path: path ?? plain.path }, realSizeBytes);
  if (entry.path.at(-1) === SLASH) throw refusal("CORRUPT_ARCHIVE", entry, "a file whose name ends in a slash");
  return map === null ? { entry, reader: new PaxSparseMapReader(entry) } : { entry, map };
}

/** The map begins in the header, where GNU tar puts it; star puts one of the same type elsewhere. */
function readOld(bytes: Uint8Array, at: number, plain: Entry): SparseEntry {
  if (!hasGnuMagic(bytes, at)) throw refusal("CORRUPT_ARCHIVE", plain, "its sparse format is unknown");
  const entry = sparse(plain, numberField(bytes, at, FIELDS.gnuRealSize, plain));
  const reader = new OldSparseMapReader(entry);
  return reader.takeHeader(bytes, at) ? { entry, map: reader.finish(entry.sizeBytes) } : { entry, reader };
}

function sparse(entry: Entry, realSizeBytes: number): Entry {
  if (realSizeBytes < 0) throw refusal("CORRUPT_ARCHIVE", entry, `its real size ${realSizeBytes} is negative`);
  return { ...entry, sizeBytes: realSizeBytes, isSparse: true };
}
