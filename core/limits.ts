/** What an archive may ask of this machine; each is a setting, and the error that a limit ends in names it. */
export interface ArchiveLimits {
  /** Stored (compressed) bytes. */
  readonly maxImageBytes: number;
  /** Bytes of file contents after unpacking; holes count as data. */
  readonly maxUnpackedBytes: number;
  readonly maxEntries: number;
  /** Unpacked bytes for each stored byte, once more than 64 MiB are unpacked. */
  readonly maxExpansion: number;
  /** Bytes of one entry's path or link target. */
  readonly maxPathBytes: number;
  /** Components of one entry's path. */
  readonly maxDepth: number;
  /** Bytes of one entry's extended attributes, names and values. */
  readonly maxXattrBytes: number;
  /** Bytes of headers that are no entries, sparse maps, names and extended attributes, of all entries together. */
  readonly maxMetadataBytes: number;
  /** Seconds of work that unpacking takes, whatever it waits for not counted. */
  readonly maxUnpackS: number;
}

const GIB = 2 ** 30;

export const DEFAULT_LIMITS: ArchiveLimits = {
  maxImageBytes: 64 * GIB,
  maxUnpackedBytes: 256 * GIB,
  maxEntries: 5_000_000,
  maxExpansion: 1000,
  maxPathBytes: 4095,
  maxDepth: 256,
  maxXattrBytes: 2 ** 20,
  maxMetadataBytes: 2 * GIB,
  maxUnpackS: 4 * 3600,
};

/** The environment variable of each limit, for settings and for errors. */
export const LIMIT_SETTINGS: Readonly<Record<keyof ArchiveLimits, string>> = {
  maxImageBytes: "IMGSTORE_MAX_IMAGE_BYTES",
  maxUnpackedBytes: "IMGSTORE_MAX_UNPACKED_BYTES",
  maxEntries: "IMGSTORE_MAX_ENTRIES",
  maxExpansion: "IMGSTORE_MAX_EXPANSION",
  maxPathBytes: "IMGSTORE_MAX_PATH_BYTES",
  maxDepth: "IMGSTORE_MAX_DEPTH",
  maxXattrBytes: "IMGSTORE_MAX_XATTR_BYTES",
  maxMetadataBytes: "IMGSTORE_MAX_METADATA_BYTES",
  maxUnpackS: "IMGSTORE_MAX_UNPACK_S",
};
