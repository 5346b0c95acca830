import { areEqual, latin1 } from "./bytes.ts";
import { parseDecimal } from "./numbers.ts";
import type { SparseRecord } from "./pax.ts";
import { type Place, refusal } from "./refusal.ts";
import { type SparseMap, SparseMapBuilder } from "./sparse.ts";

/** What PAX records say of a sparse file. */
export interface SparseFile {
  /** The real name in the formats that give the entry's header another one. */
  readonly path: Uint8Array | null;
  readonly realSizeBytes: number;
  /** Null: the map is the beginning of the contents (format 1.0). */
  readonly map: SparseMap | null;
}

/**
 * A sparse file by its GNU.sparse records, formats 0.0, 0.1 and 1.0.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE also where the records contradict each other: readers differ on which one counts
 * @see GNU tar manual, "Storing Sparse Files"
 */
export function parseSparseRecords(records: readonly SparseRecord[], place: Place): SparseFile {
  const only = (key: string): Uint8Array | null => onlyValue(records, key, place);
  const size = only("size");
  const realSize = only("realsize") ?? size;
  if (size !== null && realSize !== null && !areEqual(size, realSize)) throw malformed(place, "it has two sizes");
  const file = { path: only("name"), realSizeBytes: decimal(realSize, place) };
  const map = only("map");
  const pairs = pairsOf(records, place);
  if (map !== null && pairs.length > 0) throw malformed(place, "its sparse map is there twice");
  if (isMapInContents(only("major"), only("minor"), place)) {
    if (map !== null || pairs.length > 0) throw malformed(place, "its sparse map is there twice");
    return { ...file, map: null };
  }
  const numbers = map === null ? pairs : splitMap(map);
  if (numbers.length % 2 !== 0) throw malformed(place, "its sparse map is cut short");
  const count = only("numblocks");
  if (count !== null && decimal(count, place) !== numbers.length / 2) {
    throw malformed(place, "its sparse map has another number of stretches than it says");
  }
  const builder = new SparseMapBuilder(place);
  for (let i = 0; i < numbers.length; i += 2) builder.add(decimal(numbers[i], place), decimal(numbers[i + 1], place));
  return { ...file, map: builder.finish(file.realSizeBytes) };
}

/** A record that may come again where it says the same. */
function onlyValue(records: readonly SparseRecord[], wanted: string, place: Place): Uint8Array | null {
  let found: Uint8Array | null = null;
  for (const { key, value } of records) {
    if (key !== wanted) continue;
    if (found !== null && !areEqual(found, value)) throw malformed(place, `it has two records GNU.sparse.${wanted}`);
    found = value;
  }
  return found;
}

/** Format 1.0, which names itself; the two before it do not have to. */
function isMapInContents(major: Uint8Array | null, minor: Uint8Array | null, place: Place): boolean {
  if (major === null && minor === null) return false;
  const version = `${latin1(major ?? ZERO)}.${latin1(minor ?? ZERO)}`;
  if (version === "1.0") return true;
  if (version === "0.0" || version === "0.1") return false;
  throw malformed(place, "its sparse format is unknown");
}

const ZERO = new Uint8Array([0x30]);

/** The numbers of format 0.0: offset and length take turns. */
function pairsOf(records: readonly SparseRecord[], place: Place): Uint8Array[] {
  const numbers: Uint8Array[] = [];
  for (const { key, value } of records) {
    if (key !== "offset" && key !== "numbytes") continue;
    const isItsTurn = (key === "offset") === (numbers.length % 2 === 0);
    if (!isItsTurn) throw malformed(place, "its sparse map is out of order");
    numbers.push(value);
  }
  return numbers;
}

function splitMap(map: Uint8Array): Uint8Array[] {
  const numbers: Uint8Array[] = [];
  for (let at = 0; at < map.length; ) {
    const comma = map.indexOf(0x2c, at);
    const end = comma < 0 ? map.length : comma;
    numbers.push(map.subarray(at, end));
    at = end + 1;
  }
  return numbers;
}

function decimal(bytes: Uint8Array | null | undefined, place: Place): number {
  const value = bytes === null || bytes === undefined ? null : parseDecimal(bytes);
  if (value !== null) return value;
  throw malformed(place, "its sparse map is malformed");
}

function malformed(place: Place, problem: string): ReturnType<typeof refusal> {
  return refusal("CORRUPT_ARCHIVE", place, problem);
}
