/** Room on a file system, or the want of it. */
export interface Room {
  readonly bytes: number;
  readonly inodes: number;
}

/** What an act is going to write. */
export interface Need {
  /** As much as that for sure. */
  readonly least: Room;
  /** As much as that by experience. */
  readonly likely: Room;
}

/** A compressed root file system grows about so many times; one that is not stays as it is. */
const LIKELY_EXPANSION = 3;

/** Stored bytes of a compressed root file system for each of its entries: many small files have fewer. */
const LIKELY_BYTES_PER_ENTRY = 4096;

/** What a directory entry and a file's last block take, for the least that a tree has. */
const LEAST_INODES = 1;

/**
 * What is written when a blob is fetched and unpacked.
 * @param fetchBytes still to be fetched
 * @param unpackBytes stored bytes of what is still to be unpacked
 */
export function needOf(fetchBytes: number, unpackBytes: number): Need {
  const inodes = unpackBytes === 0 ? 0 : LEAST_INODES;
  return {
    least: { bytes: fetchBytes + unpackBytes, inodes },
    likely: {
      bytes: fetchBytes + LIKELY_EXPANSION * unpackBytes,
      inodes: inodes + Math.ceil(unpackBytes / LIKELY_BYTES_PER_ENTRY),
    },
  };
}

/** How far the fetching of a blob is, and its unpacking, which may go on beside it. */
export interface FetchProgress {
  readonly fetchedBytes: number;
  /** Null where the source does not say. */
  readonly totalBytes: number | null;
  /** Stored bytes that the unpacking has read, */
  readonly unpackedBytes: number;
  /** and what came of them. */
  readonly plainBytes: number;
}

/** Where nobody knows how much will come, half as much again as has come is taken for the next part. */
const LEAST_PART_BYTES = 4 * 2 ** 20;

/** The bytes that come before it is time to look again. */
export function nextPartBytes(fetchedBytes: number): number {
  return Math.max(LEAST_PART_BYTES, Math.ceil(fetchedBytes / 2));
}

/** So many plain bytes tell better than experience how much an archive grows. */
const TELLING_BYTES = 8 * 2 ** 20;

/** What is still to be written, by what is known so far. For sure, of a source that does not say, is what has come. */
export function needLeft({ fetchedBytes, totalBytes, unpackedBytes, plainBytes }: FetchProgress): Need {
  const likelyTotal = totalBytes ?? fetchedBytes + nextPartBytes(fetchedBytes);
  const least = needOf((totalBytes ?? fetchedBytes) - fetchedBytes, (totalBytes ?? fetchedBytes) - unpackedBytes).least;
  const expansion = plainBytes < TELLING_BYTES ? LIKELY_EXPANSION : Math.max(1, plainBytes / unpackedBytes);
  const unpackBytes = likelyTotal - unpackedBytes;
  const { bytes, inodes } = needOf(likelyTotal - fetchedBytes, unpackBytes).likely;
  return { least, likely: { bytes: Math.ceil(bytes + (expansion - LIKELY_EXPANSION) * unpackBytes), inodes } };
}

/** What stays free for the database and whatever else the store needs: a twentieth, and 64 MiB at most. */
export function marginBytes(fileSystemBytes: number): number {
  return Math.min(64 * 2 ** 20, Math.floor(fileSystemBytes / 20));
}
