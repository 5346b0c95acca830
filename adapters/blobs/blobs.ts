import { fstatSync, lstatSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import type { Digest } from "../../core/digests.ts";
import type { Blobs, PartialBlob } from "../../core/ports/blobs.ts";
import { hasCode } from "../linux/errno.ts";
import { type BlobPaths, blobPaths, parseBlobName } from "./blob-paths.ts";
import { holdFree, holdFresh, holdPartial, removeName } from "./hold-partial.ts";
import { createPartial } from "./partial.ts";
import { verifiedSize } from "./publish.ts";
import { onStore } from "./store-error.ts";

/**
 * Blobs as files of a store: `blobs/<hex>`, and `blobs/<hex>.tmp` while one is written, under flock(2) for as long. A
 * blob of a digest that is not known yet is written as `tmp/<attempt>.blob`.
 */
export function createBlobs({ root }: { readonly root: string }): Blobs {
  const paths = blobPaths(root);
  return {
    openPartial: (digest, attempt) =>
      onStore(`open a partial blob in "${paths.blobs}"`, () => openPartial(paths, digest, attempt)),
    sizeOf: (digest) => onStore(`look at "${paths.blob(digest)}"`, async () => sizeOfFile(paths.blob(digest))),
    verifiedSizeOf: (digest) => onStore(`read "${paths.blob(digest)}"`, () => verifiedSize(paths.blob(digest), digest)),
    remove: (digest) => onStore(`remove "${paths.blob(digest)}"`, () => removeBlob(paths, digest)),
    removePartial: (digest) => onStore(`remove "${paths.partial(digest)}"`, () => removeFree(paths, digest)),
    listStored: () => onStore(`list "${paths.blobs}"`, () => listStored(paths)),
    listFreePartials: () => onStore(`list "${paths.blobs}"`, () => listFreePartials(paths)),
  };
}

async function openPartial(paths: BlobPaths, digest: Digest | null, attempt: string): Promise<PartialBlob> {
  for (const folder of [paths.blobs, paths.tmp]) await makeFolder(folder);
  const asidePath = paths.ofAttempt(attempt);
  const path = digest === null ? asidePath : paths.partial(digest);
  const handle = await (digest === null ? holdFresh(path) : holdPartial(path, asidePath));
  try {
    return await createPartial({
      handle,
      path,
      isShared: digest !== null,
      asidePath: `${asidePath}.aside`,
      blobPathOf: (published) => paths.blob(published),
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Of a root that is there: a recursive mkdir would go round for ever where nothing can be made, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

function sizeOfFile(path: string): number | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : null;
}

async function removeBlob(paths: BlobPaths, digest: Digest): Promise<boolean> {
  const wasStored = sizeOfFile(paths.blob(digest)) !== null;
  await rm(paths.blob(digest), { force: true });
  const wasPartial = await removeFree(paths, digest);
  return wasStored || wasPartial;
}

async function removeFree(paths: BlobPaths, digest: Digest): Promise<boolean> {
  const path = paths.partial(digest);
  const handle = await holdFree(path);
  if (handle === null) return false;
  try {
    removeName(handle, path, paths.aside(digest));
  } finally {
    await handle.close();
  }
  return true;
}

type Listed = { readonly digest: Digest; readonly sizeBytes: number }[];

async function listStored(paths: BlobPaths): Promise<Listed> {
  const listed: Listed = [];
  for (const { digest, isPartial } of await listNames(paths)) {
    const sizeBytes = isPartial ? null : sizeOfFile(paths.blob(digest));
    if (sizeBytes !== null) listed.push({ digest, sizeBytes });
  }
  return listed;
}

async function listFreePartials(paths: BlobPaths): Promise<Listed> {
  const listed: Listed = [];
  for (const { digest, isPartial } of await listNames(paths)) {
    const handle = isPartial ? await holdFree(paths.partial(digest)) : null;
    if (handle === null) continue;
    listed.push({ digest, sizeBytes: fstatSync(handle.fd).size });
    await handle.close();
  }
  return listed;
}

async function listNames(paths: BlobPaths): Promise<NonNullable<ReturnType<typeof parseBlobName>>[]> {
  try {
    return (await readdir(paths.blobs)).map(parseBlobName).filter((name) => name !== null);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
