import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, LIMIT_SETTINGS } from "../../core/limits.ts";
import { parseSettings, type Settings } from "../../core/settings.ts";

const defaults = { hostName: "box", absolute: (path: string) => (path.startsWith("/") ? path : `/work/${path}`) };
const parse = (environment: Record<string, string | undefined>): Settings => parseSettings(environment, defaults);

test("parseSettings of an empty environment gives the documented defaults", () => {
  expect(parse({})).toEqual({
    root: "/work/./store",
    db: "file:/work/./store/imgstore.db",
    dbToken: null,
    node: "box",
    driver: "auto",
    listen: "127.0.0.1:7373",
    token: null,
    server: null,
    log: "info",
    leaseMs: 30_000,
    maxAttempts: 16,
    backoffMaxMs: 15_000,
    requestBudgetMs: 25_000,
    minBytesPerSecond: 1024,
    keepBlobs: true,
    maxBytes: 0,
    scrubBytesPerSecond: 4 * 2 ** 20,
    limits: DEFAULT_LIMITS,
  });
});

test.each([
  ["IMGSTORE_ROOT", "/srv/images", { root: "/srv/images", db: "file:/srv/images/imgstore.db" }],
  ["IMGSTORE_ROOT", "images", { root: "/work/images" }],
  ["IMGSTORE_DB", "file:a.db", { db: "file:/work/a.db" }],
  ["IMGSTORE_DB", "file:///srv/a.db", { db: "file:/srv/a.db" }],
  ["IMGSTORE_DB", "http://127.0.0.1:8080", { db: "http://127.0.0.1:8080" }],
  ["IMGSTORE_DB", "libsql://name.turso.io", { db: "libsql://name.turso.io" }],
  ["IMGSTORE_DB_TOKEN", "t", { dbToken: "t" }],
  ["IMGSTORE_NODE", "node-1.example", { node: "node-1.example" }],
  ["IMGSTORE_DRIVER", "overlayfs", { driver: "overlayfs" }],
  ["IMGSTORE_LISTEN", "unix:/run/imgstore.sock", { listen: "unix:/run/imgstore.sock" }],
  ["IMGSTORE_TOKEN", "secret", { token: "secret" }],
  ["IMGSTORE_SERVER", "http://127.0.0.1:7373/", { server: "http://127.0.0.1:7373" }],
  ["IMGSTORE_SERVER", "unix:/run/imgstore.sock", { server: "unix:/run/imgstore.sock" }],
  ["IMGSTORE_LOG", "debug", { log: "debug" }],
  ["IMGSTORE_REQUEST_BUDGET_S", "3", { requestBudgetMs: 3000 }],
  ["IMGSTORE_KEEP_BLOBS", "0", { keepBlobs: false }],
  ["IMGSTORE_MAX_BYTES", "5000000000", { maxBytes: 5_000_000_000 }],
  ["IMGSTORE_SCRUB_BYTES_PER_S", "1000", { scrubBytesPerSecond: 1000 }],
])("parseSettings takes %s=%s", (name, value, expected) => {
  expect(parse({ [name]: value })).toMatchObject(expected);
});

test("parseSettings counts an empty variable as unset", () => {
  const empty = Object.fromEntries(["ROOT", "DB", "NODE", "LEASE_MS", "SERVER"].map((key) => [`IMGSTORE_${key}`, ""]));
  expect(parse(empty)).toEqual(parse({}));
});

interface WholeNumber {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly read: (settings: Settings) => number;
}

const wholeNumbers: WholeNumber[] = [
  { name: "IMGSTORE_LEASE_MS", least: 300, most: 86_400_000, read: (s) => s.leaseMs },
  { name: "IMGSTORE_MAX_ATTEMPTS", least: 1, most: 1_000_000, read: (s) => s.maxAttempts },
  { name: "IMGSTORE_BACKOFF_MAX_MS", least: 0, most: 86_400_000, read: (s) => s.backoffMaxMs },
  { name: "IMGSTORE_REQUEST_BUDGET_S", least: 0, most: 86_400, read: (s) => s.requestBudgetMs / 1000 },
  { name: "IMGSTORE_MIN_BYTES_PER_S", least: 0, most: 2 ** 40, read: (s) => s.minBytesPerSecond },
  { name: "IMGSTORE_MAX_BYTES", least: 0, most: 2 ** 53 - 1, read: (s) => s.maxBytes },
  { name: "IMGSTORE_SCRUB_BYTES_PER_S", least: 0, most: 2 ** 40, read: (s) => s.scrubBytesPerSecond },
  { name: "IMGSTORE_KEEP_BLOBS", least: 0, most: 1, read: (s) => Number(s.keepBlobs) },
  ...Object.entries(LIMIT_SETTINGS).map(([key, name]) => ({
    name,
    least: 1,
    most: key === "maxPathBytes" ? DEFAULT_LIMITS.maxPathBytes : 2 ** 53 - 1,
    read: (s: Settings) => Object.entries(s.limits).find(([limit]) => limit === key)?.[1] as number,
  })),
];

describe.each(wholeNumbers)("$name", ({ name, least, most, read }) => {
  test("takes every whole number within its bounds", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (seed) => {
        const value = least + (seed % (most - least + 1));
        expect(read(parse({ [name]: String(value) }))).toBe(value);
      }),
    );
    expect(read(parse({ [name]: String(least) }))).toBe(least);
    expect(read(parse({ [name]: String(most) }))).toBe(most);
  });

  test.each(["-1", "1.5", "1e3", "0x10", " 1", "1 ", "ten", "NaN", "Infinity", "99999999999999999999"])(
    "refuses %o and says what it takes",
    (value) => {
      expect(() => parse({ [name]: value })).toThrow(
        expect.objectContaining({
          code: "INVALID_SETTING",
          message: `${name} is "${value}"`,
          hint: expect.stringMatching(/^it takes a whole number from \d+ to \d+$/),
        }),
      );
    },
  );

  test("refuses what is below its least", () => {
    if (least === 0) return;
    expect(() => parse({ [name]: String(least - 1) })).toThrow(expect.objectContaining({ code: "INVALID_SETTING" }));
  });
});

test.each([
  ["IMGSTORE_DRIVER", "overlay", "it takes one of auto, overlayfs, fuse"],
  ["IMGSTORE_LOG", "trace", "it takes one of debug, info, warn, error"],
  ["IMGSTORE_DB", "postgres://x", "it takes file:PATH, http(s)://HOST or libsql://HOST"],
  ["IMGSTORE_DB", "file:", "it takes file:PATH, http(s)://HOST or libsql://HOST"],
  ["IMGSTORE_NODE", "../x", "it takes a host name"],
  ["IMGSTORE_SERVER", "127.0.0.1:7373", "it takes http(s)://HOST:PORT or unix:PATH"],
])("parseSettings refuses %s=%s and says what it takes", (name, value, hint) => {
  expect(() => parse({ [name]: value })).toThrow(
    expect.objectContaining({ code: "INVALID_SETTING", message: `${name} is "${value}"`, hint }),
  );
});
