/** A flag as the command table describes it: help, parsing and suggestions are read from this. */
export type Flag = SwitchFlag | ValueFlag;

interface FlagText {
  /** One line for the help; lower case, no final period. */
  readonly summary: string;
  /** The environment variable that the flag sets; the flag wins. */
  readonly setting?: string;
}

export interface SwitchFlag extends FlagText {
  readonly kind: "switch";
  /** Whether `--no-NAME` turns it off. */
  readonly isNegatable?: true;
}

export interface ValueFlag extends FlagText {
  readonly kind: "value";
  /** What the help calls the value. */
  readonly takes: string;
  /** What the value must be; a setting is checked where the settings are read. */
  readonly must?: ValueRule;
}

export type ValueRule = { readonly be: "seconds" | "count" } | { readonly beOneOf: readonly string[] };

export type Flags = Readonly<Record<string, Flag>>;

/** What every command takes and every command's help shows. */
export const COMMON_FLAGS: Flags = {
  json: { kind: "switch", summary: "one JSON document on stdout, or JSON lines where it streams" },
  root: { kind: "value", takes: "DIR", setting: "IMGSTORE_ROOT", summary: "the store's directory (default ./store)" },
  db: {
    kind: "value",
    takes: "URL",
    setting: "IMGSTORE_DB",
    summary: "file:PATH or a libSQL server (default file:ROOT/imgstore.db)",
  },
  server: {
    kind: "value",
    takes: "URL",
    setting: "IMGSTORE_SERVER",
    summary: "call these HTTP functions (http://HOST:PORT or unix:PATH) instead of being one's own server",
  },
  help: { kind: "switch", summary: "what the command does and takes" },
};

/** What every command takes, too; `imgstore help settings` shows them. */
export const SETTING_FLAGS: Flags = {
  token: setting(
    "TOKEN",
    "IMGSTORE_TOKEN",
    "bearer token of the HTTP functions (others see flags: prefer the variable)",
  ),
  "db-token": setting("TOKEN", "IMGSTORE_DB_TOKEN", "token of the database server (prefer the variable)"),
  node: setting("NAME", "IMGSTORE_NODE", "whose images these are (default the host name)"),
  driver: setting("auto|overlayfs|fuse", "IMGSTORE_DRIVER", "how images are mounted (default auto)"),
  listen: setting("HOST:PORT|unix:PATH", "IMGSTORE_LISTEN", "where `serve` listens (default 127.0.0.1:7373)"),
  log: setting("LEVEL", "IMGSTORE_LOG", "debug, info, warn or error (default info)"),
  "lease-ms": setting("MS", "IMGSTORE_LEASE_MS", "how long a worker may be silent (default 30000)"),
  "max-attempts": setting("N", "IMGSTORE_MAX_ATTEMPTS", "tries at one move before it fails (default 16)"),
  "backoff-max-ms": setting("MS", "IMGSTORE_BACKOFF_MAX_MS", "longest wait before the next try (default 15000)"),
  "request-budget-s": setting("S", "IMGSTORE_REQUEST_BUDGET_S", "longest time an HTTP request may take (default 25)"),
  "min-bytes-per-s": setting("N", "IMGSTORE_MIN_BYTES_PER_S", "least rate of a source, over 30 s (default 1024)"),
  "keep-blobs": {
    kind: "switch",
    isNegatable: true,
    setting: "IMGSTORE_KEEP_BLOBS",
    summary: "keep downloaded tarballs for repair (default on)",
  },
  "max-bytes": setting("N", "IMGSTORE_MAX_BYTES", "what blobs and layers may take together (default 0: the disk)"),
  "scrub-bytes-per-s": setting(
    "N",
    "IMGSTORE_SCRUB_BYTES_PER_S",
    "how fast what is stored is looked over in the background (default 4194304; 0: never)",
  ),
  "max-image-bytes": setting("N", "IMGSTORE_MAX_IMAGE_BYTES", "largest stored image"),
  "max-unpacked-bytes": setting("N", "IMGSTORE_MAX_UNPACKED_BYTES", "most bytes of file contents in an image"),
  "max-entries": setting("N", "IMGSTORE_MAX_ENTRIES", "most entries in an image"),
  "max-expansion": setting("N", "IMGSTORE_MAX_EXPANSION", "most unpacked bytes for each stored byte"),
  "max-path-bytes": setting("N", "IMGSTORE_MAX_PATH_BYTES", "longest path in an image"),
  "max-depth": setting("N", "IMGSTORE_MAX_DEPTH", "deepest directory in an image"),
  "max-xattr-bytes": setting("N", "IMGSTORE_MAX_XATTR_BYTES", "most bytes of one entry's extended attributes"),
  "max-metadata-bytes": setting("N", "IMGSTORE_MAX_METADATA_BYTES", "most bytes of an image's names and attributes"),
  "max-unpack-s": setting("S", "IMGSTORE_MAX_UNPACK_S", "longest time that unpacking an image may take"),
};

function setting(takes: string, variable: string, summary: string): ValueFlag {
  return { kind: "value", takes, setting: variable, summary };
}
