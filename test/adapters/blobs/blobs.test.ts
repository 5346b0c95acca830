import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBlobs } from "../../../adapters/blobs/blobs.ts";
import { hexOf } from "../../../core/digests.ts";
import { ImgstoreError } from "../../../core/errors.ts";
import type { Blobs } from "../../../core/ports/blobs.ts";
import { append, type BlobStore, inPieces, makeBlobStore } from "../../support/blob-store.ts";
import { sha256 } from "../../support/faulty-server.ts";
import { readFileXattr } from "../../support/file-xattr.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";

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

async function* breakingAfter(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw new ImgstoreError("SOURCE_UNAVAILABLE", "the connection broke");
}

test.each([1, 1000, 65_536, 262_144, 1_000_000])(
  "publish: bytes that came in pieces of %i lie under their checksum, 0600, and nothing else is left",
  async (pieceBytes) => {
    const bytes = pieceBytes === 1 ? object.subarray(0, 3000) : object;
    const partial = await blobs.openPartial(sha256(bytes), "1.1");
    await partial.restart(null);
    await append(partial, bytes, pieceBytes);
    expect(await partial.publish(sha256(bytes))).toEqual({ digest: sha256(bytes), sizeBytes: bytes.length });
    await partial.close();
    expect(readFileSync(store.blobPath(sha256(bytes))).equals(bytes)).toBe(true);
    expect(statSync(store.blobPath(sha256(bytes)))).toMatchObject({ nlink: 1, mode: 0o100600 });
    expectOnly(hexOf(sha256(bytes)));
  },
);

test("publish: an object without bytes is a blob, too", async () => {
  const empty = sha256(Buffer.alloc(0));
  const partial = await blobs.openPartial(empty, "1.1");
  expect(await partial.publish(empty)).toEqual({ digest: empty, sizeBytes: 0 });
  expect(await blobs.sizeOf(empty)).toBe(0);
});

test("append: a failed stream keeps what came, and the next writer goes on from there", async () => {
  const first = await blobs.openPartial(digest, "1.1");
  await first.restart('"tag"');
  const broken = first.append(
    breakingAfter(object.subarray(0, 400_001)),
    { maxBytes: Number.MAX_SAFE_INTEGER },
    () => {},
  );
  await expect(broken).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
  expect(first.sizeBytes).toBe(400_001);
  await first.close();

  const second = await blobs.openPartial(digest, "1.2");
  expect(second).toMatchObject({ sizeBytes: 400_001, validator: '"tag"' });
  expect(readFileXattr(store.partialPath(digest), "user.imgstore.validator")).toBe('"tag"');
  await append(second, object.subarray(400_001));
  await second.publish(digest);
  expect(readFileSync(store.blobPath(digest)).equals(object)).toBe(true);
  expectOnly(hexOf(digest));
});

test("append: tells the size as it grows, up to the whole", async () => {
  const partial = await blobs.openPartial(digest, "1.1");
  const sizes: number[] = [];
  await partial.append(inPieces(object), { maxBytes: Number.MAX_SAFE_INTEGER }, (sizeBytes) => sizes.push(sizeBytes));
  await partial.discard();
  expect(sizes.length).toBeGreaterThan(2);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes.at(-1)).toBe(object.length);
});

test("append: one byte beyond the limit is IMAGE_TOO_LARGE, and what fits is kept", async () => {
  const partial = await blobs.openPartial(digest, "1.1");
  const appending = partial.append(inPieces(object, 100_000), { maxBytes: object.length - 1 }, () => {});
  await expect(appending).rejects.toMatchObject({
    code: "IMAGE_TOO_LARGE",
    hint: expect.stringContaining("IMGSTORE_MAX_IMAGE_BYTES"),
  });
  expect(partial.sizeBytes).toBe(900_000);
  await partial.discard();
  const exact = await blobs.openPartial(digest, "1.2");
  await exact.append(inPieces(object), { maxBytes: object.length }, () => {});
  await exact.publish(digest);
});

test("restart: forgets bytes, hash and validator", async () => {
  const partial = await blobs.openPartial(digest, "1.1");
  await partial.restart('"old"');
  await append(partial, randomBytes(300_000));
  await partial.restart(null);
  expect(partial).toMatchObject({ sizeBytes: 0, validator: null });
  expect(readFileXattr(store.partialPath(digest), "user.imgstore.validator")).toBeNull();
  await append(partial, object);
  await partial.publish(digest);
  expect(readFileSync(store.blobPath(digest)).equals(object)).toBe(true);
});

test("publish: another digest is DIGEST_MISMATCH, names both, and leaves nothing", async () => {
  const wrong = sha256(Buffer.from("other"));
  const partial = await blobs.openPartial(wrong, "1.1");
  await append(partial, object);
  const failure: unknown = await partial.publish(wrong).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "DIGEST_MISMATCH" });
  expect(String(failure)).toContain(wrong);
  expect(String(failure)).toContain(digest);
  await partial.close();
  expectOnly();
});

test("openPartial: without a digest the bytes are pinned under the one they have", async () => {
  const partial = await blobs.openPartial(null, "7.3");
  expectOnly("7.3.blob");
  await append(partial, object);
  expect(await partial.publish(null)).toEqual({ digest, sizeBytes: object.length });
  expectOnly(hexOf(digest));
});

test("close: keeps bytes that another attempt can find, and nothing else", async () => {
  const empty = await blobs.openPartial(digest, "1.1");
  await empty.close();
  expectOnly();
  const unknown = await blobs.openPartial(null, "1.2");
  await append(unknown, object);
  await unknown.close();
  expectOnly();
  const known = await blobs.openPartial(digest, "1.3");
  await append(known, object.subarray(0, 10));
  await known.close();
  await known.close();
  expectOnly(`${hexOf(digest)}.tmp`);
});

test("discard: removes the bytes, and does nothing after publish", async () => {
  const dropped = await blobs.openPartial(digest, "1.1");
  await append(dropped, object);
  await dropped.discard();
  expectOnly();
  const published = await blobs.openPartial(digest, "1.2");
  await append(published, object);
  await published.publish(digest);
  await published.discard();
  expectOnly(hexOf(digest));
});

test("append: a full disk is NO_SPACE, keeps what fitted, and goes on when there is room", async () => {
  const disk = mountSmallDisk(600 * 1024);
  try {
    const small = createBlobs({ root: disk.path });
    writeFileSync(`${disk.path}/filler`, Buffer.alloc(300 * 1024));
    const partial = await small.openPartial(digest, "1.1");
    const kept = object.subarray(0, 500_000);
    await expect(append(partial, kept)).rejects.toMatchObject({
      code: "NO_SPACE",
      message: expect.stringContaining("the disk is full"),
    });
    const { sizeBytes } = partial;
    expect(sizeBytes).toBeGreaterThan(200_000);
    expect(sizeBytes).toBeLessThan(400_000);
    writeFileSync(`${disk.path}/filler`, "");
    await append(partial, kept.subarray(sizeBytes));
    expect(await partial.publish(sha256(kept))).toEqual({ digest: sha256(kept), sizeBytes: 500_000 });
  } finally {
    disk.remove();
  }
});

test("openPartial: a root that cannot be written is ROOT_NOT_WRITABLE", async () => {
  await expect(createBlobs({ root: "/proc/imgstore" }).openPartial(digest, "1.1")).rejects.toBeInstanceOf(
    ImgstoreError,
  );
});

test("sizeOf, listStored, listFreePartials: say what is there, not what is being written", async () => {
  expect(await blobs.sizeOf(digest)).toBeNull();
  const published = await blobs.openPartial(digest, "1.1");
  await append(published, object);
  await published.publish(digest);
  const [freeDigest, heldDigest] = [sha256(Buffer.from("free")), sha256(Buffer.from("held"))];
  const free = await blobs.openPartial(freeDigest, "2.1");
  await append(free, object.subarray(0, 5));
  await free.close();
  const held = await blobs.openPartial(heldDigest, "3.1");
  await append(held, object.subarray(0, 6));
  writeFileSync(store.path("blobs", "README"), "no blob");

  expect(await blobs.sizeOf(digest)).toBe(object.length);
  expect(await blobs.listStored()).toEqual([{ digest, sizeBytes: object.length }]);
  expect(await blobs.listFreePartials()).toEqual([{ digest: freeDigest, sizeBytes: 5 }]);
  expect(await blobs.removePartial(heldDigest)).toBe(false);
  expect(await blobs.removePartial(freeDigest)).toBe(true);
  expect(await blobs.removePartial(freeDigest)).toBe(false);
  await held.close();
  expect(await blobs.remove(heldDigest)).toBe(true);
  expect(await blobs.remove(digest)).toBe(true);
  expect(await blobs.remove(digest)).toBe(false);
  expectOnly("README");
});

test("listStored: a store without a folder for blobs has none", async () => {
  expect(await createBlobs({ root: store.path("none") }).listStored()).toEqual([]);
});
