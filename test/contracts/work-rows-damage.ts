import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nextMoveOf } from "../../core/lifecycle/next-move.ts";
import type { Claim, ImageRows, Placement } from "../../core/ports/image-rows.ts";
import type { StagedTree, WorkRows } from "../../core/ports/work-rows.ts";
import { treeLost } from "../../functions/verify/reasons.ts";
import {
  claimed,
  claimedIn,
  digestOf,
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
const TWIN = digestOf("b");
const DIFF_ID = digestOf("d");
const TREE: StagedTree = { name: "1.1.0", inode: "42", diffId: DIFF_ID, sizeBytes: 7 };
const REASON = treeLost(DIFF_ID);

/** Blobs and trees that are not what their rows say, and the images that have them. */
export function describeDamage(open: OpenRows): void {
  describe("WorkRows, damage", () => {
    let rows: OpenedRows;
    let images: ImageRows;
    let work: WorkRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
      work = rows.workOf("here");
    });
    afterEach(() => rows.close());

    /** An image that is STORED with the layer, which it unpacks where nobody has. */
    const stored = async (name: string, digest = BLOB, diffId = DIFF_ID): Promise<Placement> => {
      const claim = await claimedIn(images, name, "UNPACKING");
      const taken = await work.takeLayer(claim, digest, "native");
      if (taken.kind === "taken")
        await work.stageLayer(claim, digest, "native", { ...TREE, diffId, name: `${name}.1.0` });
      await work.takeBlob(claim, digest);
      await settled(images, claim, { layers: [{ digest }], blobs: [{ digest, sizeBytes: 9 }] });
      await settled(images, await claimed(images, await loaded(images, name), "store"), { published: [digest] });
      return loaded(images, name);
    };
    const active = async (name: string): Promise<Placement> => {
      await stored(name);
      return walkedTo(images, name, "ACTIVE");
    };
    const damage = (digest = BLOB): Promise<boolean> => work.damageLayer(digest, "native", REASON);
    const unmount = async (placement: Placement): Promise<Claim> =>
      claimed(images, await swapped(images, placement, "begin-deactivate"), "finish-deactivate");

    it("makes nobody trust them, and the next claim makes them anew", async () => {
      await stored("maker");
      expect([await work.damageBlob(BLOB), await damage()]).toEqual([true, true]);
      expect([await work.damageBlob(BLOB), await damage()]).toEqual([false, false]);
      expect(await work.isPresent(DIFF_ID, "native")).toBe(false);
      expect(await work.inventory()).toMatchObject({
        blobs: [{ digest: BLOB, state: "damaged" }],
        layers: [{ digest: BLOB, state: "damaged" }],
      });
      const repair = await claimedIn(images, "repair", "UNPACKING");
      expect(await work.takeBlob(repair, BLOB)).toEqual({ kind: "taken" });
      expect(await work.takeLayer(repair, BLOB, "native")).toEqual({ kind: "taken" });
    });

    it("of a tree is of every layer that is the same tree", async () => {
      await stored("one");
      await stored("other", TWIN);
      await damage(TWIN);
      expect(await work.readLayer(BLOB, "native")).toMatchObject({ state: "damaged" });
      for (const name of ["one", "other"]) {
        expect(await loaded(images, name)).toMatchObject({ isRepairWanted: true, error: REASON });
      }
    });

    it("sends what is STORED to be fetched again, whatever its target, but REMOVED", async () => {
      await stored("debian");
      expect((await loaded(images, "debian")).dueAtMs).not.toBeNull();
      await images.changeTarget(await loaded(images, "debian"), { target: "STORED", opId: newOp() });
      expect((await loaded(images, "debian")).dueAtMs).toBeNull();
      await damage();
      const wanted = await loaded(images, "debian");
      expect(wanted).toMatchObject({ isRepairWanted: true, dueAtMs: expect.any(Number), version: expect.any(Number) });
      expect(nextMoveOf(wanted)).toBe("refetch");
      expect(nextMoveOf({ ...wanted, target: "REMOVED" })).toBe("begin-remove");
      expect(await swapped(images, wanted, "refetch")).toMatchObject({ state: "NEW", isRepairWanted: false });
    });

    it("takes what is ACTIVE off its mount first, and the wish outlives that", async () => {
      await active("debian");
      expect((await loaded(images, "debian")).dueAtMs).toBeNull();
      await damage();
      const wanted = await loaded(images, "debian");
      expect([wanted.dueAtMs, nextMoveOf(wanted)]).toEqual([expect.any(Number), "begin-deactivate"]);
      await settled(images, await unmount(wanted), { mount: null });
      const off = await loaded(images, "debian");
      expect([off.state, off.target, off.isRepairWanted, nextMoveOf(off)]).toEqual([
        "STORED",
        "ACTIVE",
        true,
        "refetch",
      ]);
      expect(off.dueAtMs).not.toBeNull();
    });

    it("asks again after an hour for what is in use to the last attempt", async () => {
      await active("debian");
      await damage();
      const claim = await unmount(await loaded(images, "debian"));
      await images.settle(claim, { move: "keep-active", opId: newOp(), facts: {} });
      const kept = await loaded(images, "debian");
      expect(kept).toMatchObject({ state: "ACTIVE", isRepairWanted: true });
      expect((kept.dueAtMs ?? 0) - kept.nowMs).toBeGreaterThan(3_500_000);
    });

    it("leaves alone what has yet to find its layers, and what does not have the tree", async () => {
      await stored("maker");
      await stored("other", digestOf("c"), digestOf("e"));
      await register(images, "new", { checksum: BLOB });
      const listing = await claimedIn(images, "unpacking", "DOWNLOADING");
      await settled(images, listing, { layers: [{ digest: BLOB }], blobs: [{ digest: BLOB, sizeBytes: 9 }] });
      await walkedTo(images, "unpacking", "UNPACKING");
      expect(await damage()).toBe(true);
      expect(await loaded(images, "maker")).toMatchObject({ isRepairWanted: true });
      for (const name of ["other", "new", "unpacking"]) {
        expect(await loaded(images, name)).toMatchObject({ isRepairWanted: false, error: null });
      }
    });

    it("of a claimed row is found by its settle: the lease stays as it is", async () => {
      await stored("debian");
      const swap = await swapped(images, await loaded(images, "debian"), "begin-activate");
      const claim = await claimed(images, swap, "finish-activate");
      const before = (await loaded(images, "debian")).dueAtMs;
      await damage();
      expect((await loaded(images, "debian")).dueAtMs).toBe(before);
      await settled(images, claim);
      const now = await loaded(images, "debian");
      expect([now.state, nextMoveOf(now), now.dueAtMs !== null]).toEqual(["ACTIVE", "begin-deactivate", true]);
    });

    it("keeps a tree that was replaced until every image that may have mounted it has left", async () => {
      await active("one");
      await active("other");
      expect(await work.isReplacedTreeUsed(DIFF_ID)).toBe(false);
      await damage();
      for (const name of ["one", "other"]) {
        expect(await work.isReplacedTreeUsed(DIFF_ID)).toBe(true);
        await settled(images, await unmount(await loaded(images, name)), { mount: null });
        await swapped(images, await loaded(images, name), "refetch");
      }
      expect(await work.isReplacedTreeUsed(DIFF_ID)).toBe(false);
    });

    it("of a blob alone has only those fetched again that are STORED", async () => {
      await active("mounted");
      await stored("stored");
      await work.damageBlob(BLOB);
      await work.fetchAgain(BLOB, REASON);
      expect(await loaded(images, "mounted")).toMatchObject({ isRepairWanted: false, dueAtMs: null });
      expect(await loaded(images, "stored")).toMatchObject({ isRepairWanted: true });
    });

    it("nextToVerify is what was looked over the longest ago, and waits after each for as long as it is told", async () => {
      await stored("debian");
      expect(await work.nextToVerify("native", 60_000)).toBeNull();
      const first = await work.nextToVerify("native", 0);
      if (first === null) throw new Error("there was nothing to look over");
      await work.noteVerified(first, 0);
      const second = await work.nextToVerify("native", 0);
      if (second === null) throw new Error("there was only one thing to look over");
      expect([first.kind, second.kind].toSorted()).toEqual(["blob", "layer"]);
      await work.noteVerified(second, 3_600_000);
      expect(await work.nextToVerify("native", 0)).toBeNull();
      expect(await rows.workOf("elsewhere").nextToVerify("native", 0)).toBeNull();
    });
  });
}
