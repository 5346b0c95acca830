import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import type { Blobs } from "../../../core/ports/blobs.ts";
import { append, type BlobStore, makeBlobStore } from "../../support/blob-store.ts";
import { sha256 } from "../../support/faulty-server.ts";

const object = randomBytes(1_000_000);
const digest = sha256(object);
let store: BlobStore;
let blobs: Blobs;

beforeEach(() => {
  store = makeBlobStore();
  blobs = store.blobs;
});
afterEach(() => store.remove());

/** Nothing but the names given is under `blobs/` and `tmp/`. */
function expectOnly(...names: string[]): void {
  expect(store.names()).toEqual(names.toSorted());
}

test("openPartial: a partial that is held is taken over, and its first writer harms nobody", async () => {
  const stale = await blobs.openPartial(digest, "1.1");
  await append(stale, object.subarray(0, 500_000));
  const next = await blobs.openPartial(digest, "1.2");
  expect(next).toMatchObject({ sizeBytes: 0, validator: null });
  await append(next, object.subarray(0, 300_000));

  await append(stale, randomBytes(500_000));
  await expect(stale.publish(digest)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  expectOnly(`${hexOf(digest)}.tmp`);

  await append(next, object.subarray(300_000));
  await next.publish(digest);
  expect(readFileSync(store.blobPath(digest)).equals(object)).toBe(true);
  expectOnly(hexOf(digest));
});

test("publish: a writer whose partial was taken over publishes nothing, until its successor has", async () => {
  const stale = await blobs.openPartial(digest, "1.1");
  await append(stale, object);
  const next = await blobs.openPartial(digest, "1.2");
  await append(next, object);
  await expect(stale.publish(digest)).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(await blobs.sizeOf(digest)).toBeNull();
  await next.publish(digest);
  expect(await stale.publish(digest)).toEqual({ digest, sizeBytes: object.length });
  expectOnly(hexOf(digest));
});

test("publish: a blob that is there stays the same file", async () => {
  writeFileSync(store.blobPath(digest), object);
  const { ino } = statSync(store.blobPath(digest));
  const partial = await blobs.openPartial(digest, "1.1");
  await append(partial, object);
  await partial.publish(digest);
  expect(statSync(store.blobPath(digest))).toMatchObject({ ino, nlink: 1 });
  expectOnly(hexOf(digest));
});

test.each([
  ["has other bytes", () => writeFileSync(store.blobPath(digest), randomBytes(object.length))],
  ["was cut", () => writeFileSync(store.blobPath(digest), object.subarray(1))],
  ["is a symbolic link", () => symlinkSync("/etc/passwd", store.blobPath(digest))],
])("publish: a blob that %s is replaced", async (_title, damage) => {
  damage();
  const partial = await blobs.openPartial(digest, "1.1");
  await append(partial, object);
  await partial.publish(digest);
  expect(statSync(store.blobPath(digest))).toMatchObject({ nlink: 1, size: object.length });
  expect(readFileSync(store.blobPath(digest)).equals(object)).toBe(true);
  expectOnly(hexOf(digest));
});

test("openPartial: after a crash between the blob's new name and the partial's end nobody writes into the blob", async () => {
  writeFileSync(store.blobPath(digest), object);
  linkSync(store.blobPath(digest), store.partialPath(digest));
  const partial = await blobs.openPartial(digest, "1.1");
  expect(partial.sizeBytes).toBe(0);
  await append(partial, randomBytes(10));
  await partial.close();
  expect(readFileSync(store.blobPath(digest)).equals(object)).toBe(true);
});

test("openPartial: a symbolic link in the partial's place is not followed", async () => {
  const outside = store.path("outside");
  symlinkSync(outside, store.partialPath(digest));
  await expect(blobs.openPartial(digest, "1.1")).rejects.toMatchObject({ code: "IO_ERROR" });
  expect(existsSync(outside)).toBe(false);
});
