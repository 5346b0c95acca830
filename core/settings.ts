import { ImgstoreError } from "./errors.ts";
import { type ArchiveLimits, DEFAULT_LIMITS, LIMIT_SETTINGS } from "./limits.ts";
import { printable } from "./names.ts";

export const DRIVERS = ["auto", "overlayfs", "fuse"] as const;

export type DriverChoice = (typeof DRIVERS)[number];

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything that can be set, by environment or by flag; the flag wins. */
export interface Settings {
  /** The store's directory, absolute. */
  readonly root: string;
  /** `file:PATH` (absolute), or a libSQL server's URL. */
  readonly db: string;
  readonly dbToken: string | null;
  readonly node: string;
  readonly driver: DriverChoice;
  /** `HOST:PORT` or `unix:PATH`. */
  readonly listen: string;
  readonly token: string | null;
  /** URL of the HTTP functions to call instead of being one's own server. */
  readonly server: string | null;
  readonly log: LogLevel;
  readonly leaseMs: number;
  readonly maxAttempts: number;
  readonly backoffMaxMs: number;
  /** How long an HTTP request may take before its act goes on without it. */
  readonly requestBudgetMs: number;
  /** Least bytes a second over 30 s that a source must deliver. */
  readonly minBytesPerSecond: number;
  readonly keepBlobs: boolean;
  /** What blobs and layers together may take on this node, in bytes; 0: no limit but the disk's. */
  readonly maxBytes: number;
  /** How fast blobs and trees are looked over in the background, in bytes a second; 0: not at all. */
  readonly scrubBytesPerSecond: number;
  readonly limits: ArchiveLimits;
}

/** What of a setting only the platform knows. */
export interface SettingDefaults {
  readonly hostName: string;
  /** Makes a path absolute against the working directory. */
  readonly absolute: (path: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from an environment whose flags have already been laid over it; an empty variable counts as unset.
 * @throws {ImgstoreError} INVALID_SETTING naming the variable, its value and what it takes
 */
export function parseSettings(environment: Environment, defaults: SettingDefaults): Settings {
  const text = (name: string): string | undefined => environment[name] || undefined;
  const root = defaults.absolute(text("IMGSTORE_ROOT") ?? "./store");
  const integer = (name: string, fallback: number, least: number, most: number): number =>
    parseInteger(name, text(name), fallback, least, most);
  return {
    root,
    db: parseDatabase(text("IMGSTORE_DB"), root, defaults),
    dbToken: text("IMGSTORE_DB_TOKEN") ?? null,
    node: parseNode(text("IMGSTORE_NODE") ?? defaults.hostName),
    driver: parseChoice("IMGSTORE_DRIVER", text("IMGSTORE_DRIVER") ?? "auto", DRIVERS),
    listen: text("IMGSTORE_LISTEN") ?? "127.0.0.1:7373",
    token: text("IMGSTORE_TOKEN") ?? null,
    server: parseServer(text("IMGSTORE_SERVER")),
    log: parseChoice("IMGSTORE_LOG", text("IMGSTORE_LOG") ?? "info", LOG_LEVELS),
    leaseMs: integer("IMGSTORE_LEASE_MS", 30_000, 300, 86_400_000),
    maxAttempts: integer("IMGSTORE_MAX_ATTEMPTS", 16, 1, 1_000_000),
    backoffMaxMs: integer("IMGSTORE_BACKOFF_MAX_MS", 15_000, 0, 86_400_000),
    requestBudgetMs: 1000 * integer("IMGSTORE_REQUEST_BUDGET_S", 25, 0, 86_400),
    minBytesPerSecond: integer("IMGSTORE_MIN_BYTES_PER_S", 1024, 0, 2 ** 40),
    keepBlobs: integer("IMGSTORE_KEEP_BLOBS", 1, 0, 1) === 1,
    maxBytes: integer("IMGSTORE_MAX_BYTES", 0, 0, 2 ** 53 - 1),
    scrubBytesPerSecond: integer("IMGSTORE_SCRUB_BYTES_PER_S", 4 * 2 ** 20, 0, 2 ** 40),
    limits: parseLimits(integer),
  };
}

function parseLimits(integer: (name: string, fallback: number, least: number, most: number) => number): ArchiveLimits {
  const limit = (key: keyof ArchiveLimits): number => integer(LIMIT_SETTINGS[key], DEFAULT_LIMITS[key], 1, 2 ** 53 - 1);
  return {
    maxImageBytes: limit("maxImageBytes"),
    maxUnpackedBytes: limit("maxUnpackedBytes"),
    maxEntries: limit("maxEntries"),
    maxExpansion: limit("maxExpansion"),
    maxPathBytes: Math.min(limit("maxPathBytes"), DEFAULT_LIMITS.maxPathBytes),
    maxDepth: limit("maxDepth"),
    maxXattrBytes: limit("maxXattrBytes"),
    maxMetadataBytes: limit("maxMetadataBytes"),
    maxUnpackS: limit("maxUnpackS"),
  };
}

function parseInteger(name: string, text: string | undefined, fallback: number, least: number, most: number): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalid(name, text, `a whole number from ${least} to ${most}`);
}

function parseChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw invalid(name, text, `one of ${choices.join(", ")}`);
}

function parseDatabase(text: string | undefined, root: string, defaults: SettingDefaults): string {
  if (text === undefined) return `file:${root}/imgstore.db`;
  if (/^(?:https?|libsql):\/\//.test(text)) return text;
  const path = /^file:(?:\/\/(?=\/))?(.+)$/.exec(text)?.[1];
  if (path !== undefined) return `file:${defaults.absolute(path)}`;
  throw invalid("IMGSTORE_DB", text, "file:PATH, http(s)://HOST or libsql://HOST");
}

function parseNode(text: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text)) return text;
  throw invalid("IMGSTORE_NODE", text, "a host name");
}

function parseServer(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^https?:\/\/[^/\s]+/.test(text)) return text.replace(/\/+$/, "");
  if (/^unix:./.test(text)) return text;
  throw invalid("IMGSTORE_SERVER", text, "http(s)://HOST:PORT or unix:PATH");
}

function invalid(name: string, text: string, takes: string): ImgstoreError {
  return new ImgstoreError("INVALID_SETTING", `${name} is "${printable(text)}"`, { hint: `it takes ${takes}` });
}
