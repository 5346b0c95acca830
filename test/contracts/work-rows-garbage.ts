import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Digest } from "../../core/digests.ts";
import type { ImageRows, Placement } from "../../core/ports/image-rows.ts";
import { blobKey, type Garbage, layerKey, type WorkRows } from "../../core/ports/work-rows.ts";
import { treeLost } from "../../functions/verify/reasons.ts";
import {
  claimed,
  claimedIn,
  digestOf,
  LONG_LEASE_MS,
  loaded,
  newOp,
  type OpenedRows,
  type OpenRows,
  register,
  settled,
  swapped,
  walkedTo,
} from "../support/rows.ts";

const BLOB = digestOf("a");
const DIFF_ID = digestOf("d");
const NOTHING: Garbage = { blobs: [], layers: [] };

/** What nothing refers to, and how it goes. */
export function describeGarbage(open: OpenRows): void {
  describe("WorkRows, garbage", () => {
    let rows: OpenedRows;
    let images: ImageRows;
    let work: WorkRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
      work = rows.workOf("here");
    });
    afterEach(() => rows.close());

    /** An image with one layer, STORED. */
    const stored = async (name: string, digest: Digest, diffId: Digest): Promise<Placement> => {
      await register(images, name, { checksum: digest, target: "STORED" });
      const download = await claimed(images, await walkedTo(images, name, "DOWNLOADING"), "finish-download");
      await work.takeBlob(download, digest);
      await settled(images, download, { blobs: [{ digest, sizeBytes: 9 }] });
      const unpack = await claimed(images, await walkedTo(images, name, "UNPACKING"), "finish-unpack");
      await work.takeLayer(unpack, digest, "native");
      await work.stageLayer(unpack, digest, "native", { name: `tree-of-${name}`, inode: "1", diffId, sizeBytes: 7 });
      await settled(images, unpack, { layers: [{ digest }] });
      await settled(images, await claimed(images, await loaded(images, name), "store"), { published: [digest] });
      return loaded(images, name);
    };
    const removed = async (name: string): Promise<void> => {
      const removing = await swapped(images, await loaded(images, name), "begin-remove");
      await settled(images, await claimed(images, removing, "finish-remove"));
    };
    it("is nothing while an image refers to it", async () => {
      await stored("debian", BLOB, DIFF_ID);
      expect(await work.findGarbage("unreferenced")).toEqual(NOTHING);
      expect(await work.markGarbage("unreferenced")).toEqual(NOTHING);
    });

    it("is blob and layer of a removed image, found without marking, marked, then gone", async () => {
      await stored("debian", BLOB, DIFF_ID);
      await removed("debian");
      const garbage = garbageOf(BLOB, DIFF_ID);
      expect(await work.findGarbage("unreferenced")).toEqual(garbage);
      expect((await work.inventory()).blobs).toMatchObject([{ state: "present" }]);
      expect(await work.markGarbage("unreferenced")).toEqual(garbage);
      expect(await work.isPresent(DIFF_ID, "native")).toBe(false);
      await work.sweepGarbage(garbage);
      expect(await work.inventory()).toEqual({ blobs: [], layers: [], claims: [] });
      expect(await work.markGarbage("unreferenced")).toEqual(NOTHING);
    });

    it("is found again after a collection that died, and stays out of everybody's hands until then", async () => {
      await stored("debian", BLOB, DIFF_ID);
      await removed("debian");
      const garbage = await work.markGarbage("unreferenced");
      await register(images, "again", { checksum: BLOB });
      const claim = await claimed(images, await walkedTo(images, "again", "DOWNLOADING"), "finish-download");
      const held = await work.takeBlob(claim, BLOB);
      const { nowMs } = await loaded(images, "again");
      expect(held).toMatchObject({ kind: "held" });
      expect(held.kind === "held" && held.untilMs <= nowMs + 1000).toBe(true);
      expect(await work.takeLayer(claim, BLOB, "native")).toMatchObject({ kind: "held" });
      expect(await work.isLeaving(DIFF_ID, "native")).toBe(true);
      expect(await work.findGarbage("unreferenced")).toEqual(garbage);
      expect(await work.markGarbage("unreferenced")).toEqual(garbage);
    });

    it("that a reference came to meanwhile is absent when its files are gone, and its waiters are woken", async () => {
      await stored("debian", BLOB, DIFF_ID);
      await removed("debian");
      const garbage = await work.markGarbage("unreferenced");
      await register(images, "again", { checksum: BLOB });
      const download = await claimed(images, await walkedTo(images, "again", "DOWNLOADING"), "finish-download");
      const unpack = await claimedIn(images, "other", "UNPACKING");
      const waits = { delayMs: LONG_LEASE_MS, isCounted: false };
      await images.release(download, { ...waits, opId: newOp(), waitsFor: blobKey(BLOB) });
      await images.release(unpack, { ...waits, opId: newOp(), waitsFor: layerKey(BLOB, "native") });
      expect((await images.due(9)).rows).toEqual([]);
      await work.sweepGarbage(garbage);
      expect((await images.due(9)).rows.map(({ name }) => name).toSorted()).toEqual(["again", "other"]);
      expect(await work.inventory()).toMatchObject({
        blobs: [{ state: "absent", sizeBytes: null }],
        layers: [{ state: "absent", diffId: null }],
      });
      const again = await claimed(images, await loaded(images, "again"), "finish-download");
      expect(await work.takeBlob(again, BLOB)).toEqual({ kind: "taken" });
    });

    it("is not what a settle can speak of: its file may go at any moment", async () => {
      await stored("debian", BLOB, DIFF_ID);
      await removed("debian");
      await work.markGarbage("unreferenced");
      const unnamed = await claimedIn(images, "unnamed", "DOWNLOADING");
      const facts = { checksum: BLOB, blobs: [{ digest: BLOB, sizeBytes: 9 }] };
      expect(await images.settle(unnamed, { move: unnamed.move, opId: newOp(), facts })).toBe("stale");
      expect((await work.inventory()).blobs).toMatchObject([{ state: "removing" }]);
    });

    it("leaves a tree that another layer has, too", async () => {
      await stored("gzip", BLOB, DIFF_ID);
      await stored("zstd", digestOf("b"), DIFF_ID);
      await removed("gzip");
      expect(await work.findGarbage("unreferenced")).toEqual(garbageOf(BLOB, null));
      expect(await work.markGarbage("unreferenced")).toEqual(garbageOf(BLOB, null));
      await removed("zstd");
      expect(await work.markGarbage("unreferenced")).toMatchObject({
        layers: [{ diffId: DIFF_ID }, { diffId: DIFF_ID }],
      });
    });

    it("leaves a tree that a staged layer is about to be published as", async () => {
      await stored("gzip", BLOB, DIFF_ID);
      await removed("gzip");
      const zstd = digestOf("b");
      const claim = await claimedIn(images, "zstd", "UNPACKING");
      await work.takeLayer(claim, zstd, "native");
      await work.stageLayer(claim, zstd, "native", { name: "t", inode: "1", diffId: DIFF_ID, sizeBytes: 7 });
      expect(await work.markGarbage("unreferenced")).toEqual(garbageOf(BLOB, null));
    });

    it("leaves what a live claim makes, and takes what a dead one left", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      await work.takeBlob(claim, BLOB);
      await work.takeLayer(claim, BLOB, "native");
      expect(await work.markGarbage("unreferenced")).toEqual(NOTHING);
      await images.release(claim, { opId: newOp(), delayMs: 0, isCounted: true });
      expect(await work.markGarbage("unreferenced")).toEqual({
        blobs: [{ digest: BLOB, sizeBytes: null }],
        layers: [{ digest: BLOB, form: "native", diffId: null, stagedName: null, sizeBytes: null }],
      });
    });

    it("leaves a staged tree to the placement that staged it, until that one is done with it", async () => {
      const claim = await claimedIn(images, "debian", "UNPACKING");
      await work.takeLayer(claim, BLOB, "native");
      await work.stageLayer(claim, BLOB, "native", { name: "t", inode: "1", diffId: DIFF_ID, sizeBytes: 7 });
      expect(await work.markGarbage("unreferenced")).toEqual(NOTHING);
      await swapped(images, await loaded(images, "debian"), "begin-remove");
      expect(await work.markGarbage("unreferenced")).toMatchObject({ layers: [{ digest: BLOB, diffId: null }] });
      expect((await work.inventory()).layers).toMatchObject([{ state: "removing", staged: null }]);
    });

    it("of all blobs is what is only kept for repair", async () => {
      await stored("debian", BLOB, DIFF_ID);
      const blobs = [{ digest: BLOB, sizeBytes: 9 }];
      expect(await work.findGarbage("all-blobs")).toEqual({ blobs, layers: [] });
      expect(await work.markGarbage("all-blobs")).toEqual({ blobs, layers: [] });
      await work.sweepGarbage({ blobs, layers: [] });
      expect((await work.inventory()).blobs).toMatchObject([{ state: "absent" }]);
      expect(await work.markGarbage("all-blobs")).toEqual(NOTHING);
    });

    it("of all blobs is none that an image still has to unpack, or to unpack again", async () => {
      await stored("debian", BLOB, DIFF_ID);
      await register(images, "on-its-way", { checksum: BLOB });
      expect(await work.markGarbage("all-blobs")).toEqual(NOTHING);
      await removed("on-its-way");
      await work.damageLayer(BLOB, "native", treeLost(DIFF_ID));
      expect(await work.markGarbage("all-blobs")).toEqual(NOTHING);
    });

    it("is a stray only where no row speaks of it, and out of everybody's hands from then on", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      expect(await work.markStrayBlob(BLOB)).toBe(true);
      expect(await work.markStrayLayer(DIFF_ID, "native")).toBe(true);
      expect(await work.takeBlob(claim, BLOB)).toMatchObject({ kind: "held" });
      expect(await work.isLeaving(DIFF_ID, "native")).toBe(true);
      expect(await work.findGarbage("leaving")).toMatchObject({
        blobs: [{ digest: BLOB }],
        layers: [{ diffId: DIFF_ID }],
      });
      await work.sweepGarbage(await work.findGarbage("leaving"));
      expect(await work.inventory()).toMatchObject({ blobs: [], layers: [] });
    });

    it("is no stray once a claim has taken it or a tree of that name is staged", async () => {
      const claim = await claimedIn(images, "debian", "UNPACKING");
      await work.takeBlob(claim, BLOB);
      await work.takeLayer(claim, BLOB, "native");
      await work.stageLayer(claim, BLOB, "native", { name: "t", inode: "1", diffId: DIFF_ID, sizeBytes: 7 });
      expect(await work.markStrayBlob(BLOB)).toBe(false);
      expect(await work.markStrayLayer(DIFF_ID, "native")).toBe(false);
    });

    it("is a node's own matter", async () => {
      await stored("debian", BLOB, DIFF_ID);
      await removed("debian");
      expect(await rows.workOf("there").markGarbage("all-blobs")).toEqual(NOTHING);
    });
  });
}

/** A blob of 9 bytes and its native layer of 7. */
function garbageOf(digest: Digest, diffId: Digest | null): Garbage {
  return {
    blobs: [{ digest, sizeBytes: 9 }],
    layers: [{ digest, form: "native", diffId, stagedName: null, sizeBytes: 7 }],
  };
}
