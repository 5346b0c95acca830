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

/** What stays free for the database and whatever else the store needs: a twentieth, and 64 MiB at most. */
export function marginBytes(fileSystemBytes: number): number {
  return Math.min(64 * 2 ** 20, Math.floor(fileSystemBytes / 20));
}
