import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Claim, ImageRows } from "../../core/ports/image-rows.ts";
import { blobKey, layerKey, type StagedTree, type WorkRows } from "../../core/ports/work-rows.ts";
import {
  claimed,
  claimedIn,
  digestOf,
  expired,
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
const TREE: StagedTree = { name: "1.1.0", inode: "42", diffId: DIFF_ID, sizeBytes: 7 };

/** Blobs and layers as work that one claim does and others wait for. */
export function describeWork(open: OpenRows): void {
  describe("WorkRows", () => {
    let rows: OpenedRows;
    let images: ImageRows;
    let work: WorkRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
      work = rows.workOf("here");
    });
    afterEach(() => rows.close());

    const released = (claim: Claim, waitsFor?: string): Promise<unknown> =>
      images.release(claim, {
        opId: newOp(),
        delayMs: LONG_LEASE_MS,
        isCounted: false,
        ...(waitsFor === undefined ? {} : { waitsFor }),
      });
    const namesDue = async (): Promise<string[]> => (await images.due(9)).rows.map(({ name }) => name);

    it("takeBlob gives an absent blob to one live claim, again and again", async () => {
      const first = await claimedIn(images, "first", "DOWNLOADING");
      const second = await claimedIn(images, "second", "DOWNLOADING");
      expect(await work.takeBlob(first, BLOB)).toEqual({ kind: "taken" });
      expect(await work.takeBlob(first, BLOB)).toEqual({ kind: "taken" });
      const untilMs = (await loaded(images, "first")).dueAtMs;
      expect(await work.takeBlob(second, BLOB)).toEqual({ kind: "held", untilMs });
    });

    it("takeBlob finds what a settle stored", async () => {
      const first = await claimedIn(images, "first", "DOWNLOADING");
      await work.takeBlob(first, BLOB);
      await settled(images, first, { blobs: [{ digest: BLOB, sizeBytes: 9 }] });
      const second = await claimedIn(images, "second", "DOWNLOADING");
      expect(await work.takeBlob(second, BLOB)).toEqual({ kind: "present", sizeBytes: 9 });
    });

    it("takeBlob takes over from a claim that ran out, was released, overruled or gave up", async () => {
      const next = async (): Promise<void> => {
        const claim = await claimed(images, await loaded(images, "next"), "finish-download");
        expect(await work.takeBlob(claim, BLOB)).toEqual({ kind: "taken" });
        await images.release(claim, { opId: newOp(), delayMs: 0, isCounted: true });
      };
      await register(images, "next");
      await walkedTo(images, "next", "DOWNLOADING");

      await work.takeBlob(await claimedIn(images, "ran-out", "DOWNLOADING", { leaseMs: 20 }), BLOB);
      await expired(images, "ran-out");
      await next();
      const letGo = await claimedIn(images, "let-go", "DOWNLOADING");
      await work.takeBlob(letGo, BLOB);
      await released(letGo);
      await next();
      await work.takeBlob(await claimedIn(images, "overruled", "DOWNLOADING"), BLOB);
      await swapped(images, await loaded(images, "overruled"), "begin-remove");
      await next();
      const givenUp = await claimedIn(images, "given-up", "DOWNLOADING");
      await work.takeBlob(givenUp, BLOB);
      await images.settle(givenUp, { move: "give-up", opId: newOp(), facts: {} });
      await next();
    });

    it("takeBlob and takeLayer are stale for a claim that is over, and take nothing", async () => {
      const over = await claimedIn(images, "over", "DOWNLOADING");
      await released(over);
      expect(await work.takeBlob(over, BLOB)).toEqual({ kind: "stale" });
      expect(await work.takeLayer(over, BLOB, "native")).toEqual({ kind: "stale" });
      const ranOut = await claimedIn(images, "ran-out", "DOWNLOADING", { leaseMs: 1 });
      await expired(images, "ran-out");
      expect(await work.takeBlob(ranOut, BLOB)).toEqual({ kind: "stale" });
      expect(await work.inventory()).toEqual({ blobs: [], layers: [], claims: [] });
    });

    it("takeBlob knows another node's blob for another", async () => {
      await work.takeBlob(await claimedIn(images, "here", "DOWNLOADING"), BLOB);
      const there = rows.imagesOf("there");
      const claim = await claimedIn(there, "there", "DOWNLOADING");
      expect(await rows.workOf("there").takeBlob(claim, BLOB)).toEqual({ kind: "taken" });
    });

    it.each(["settle", "give-up", "release"] as const)("%s wakes those who wait for the claim's blob", async (end) => {
      const first = await claimedIn(images, "first", "DOWNLOADING");
      await work.takeBlob(first, BLOB);
      for (const name of ["second", "third"]) {
        const waiting = await claimedIn(images, name, "DOWNLOADING");
        expect(await work.takeBlob(waiting, BLOB)).toMatchObject({ kind: "held" });
        await released(waiting, blobKey(BLOB));
      }
      const unrelated = await claimedIn(images, "unrelated", "DOWNLOADING");
      await work.takeBlob(unrelated, digestOf("b"));
      const patient = await claimedIn(images, "patient", "DOWNLOADING");
      await released(patient, blobKey(digestOf("b")));
      expect(await namesDue()).toEqual([]);

      if (end === "settle") await settled(images, first, { blobs: [{ digest: BLOB, sizeBytes: 9 }] });
      else if (end === "release") await released(first);
      else await images.settle(first, { move: "give-up", opId: newOp(), facts: {} });
      const due = await namesDue();
      expect(due).toEqual(expect.arrayContaining(["second", "third"]));
      expect(due).not.toContain("patient");
    });

    it("settle does not speak for a blob that another has in hand", async () => {
      const holder = await claimedIn(images, "holder", "DOWNLOADING");
      await work.takeBlob(holder, BLOB);
      const unnamed = await claimedIn(images, "unnamed", "DOWNLOADING");
      const facts = { checksum: BLOB, blobs: [{ digest: BLOB, sizeBytes: 9 }] };
      expect(await images.settle(unnamed, { move: unnamed.move, opId: newOp(), facts })).toBe("stale");
      expect(await work.takeBlob(holder, BLOB)).toEqual({ kind: "taken" });
    });

    it("release does not miss a wake-up that came between the look and itself", async () => {
      const first = await claimedIn(images, "first", "DOWNLOADING");
      await work.takeBlob(first, BLOB);
      const waiting = await claimedIn(images, "waiting", "DOWNLOADING");
      expect(await work.takeBlob(waiting, BLOB)).toMatchObject({ kind: "held" });
      await settled(images, first, { blobs: [{ digest: BLOB, sizeBytes: 9 }] });
      await released(waiting, blobKey(BLOB));
      expect(await namesDue()).toContain("waiting");
    });

    it("stageLayer wakes those who wait for the tree while its maker goes on", async () => {
      const maker = await claimedIn(images, "maker", "UNPACKING");
      expect(await work.takeLayer(maker, BLOB, "native")).toEqual({ kind: "taken" });
      const waiting = await claimedIn(images, "waiting", "UNPACKING");
      expect(await work.takeLayer(waiting, BLOB, "native")).toMatchObject({ kind: "held" });
      await released(waiting, layerKey(BLOB, "native"));
      expect(await namesDue()).toEqual([]);
      expect(await work.stageLayer(maker, BLOB, "native", TREE)).toBe(true);
      expect(await work.stageLayer(maker, BLOB, "native", TREE)).toBe(true);
      expect(await namesDue()).toEqual(["waiting"]);
      const again = await claimed(images, await loaded(images, "waiting"), "finish-unpack");
      expect(await work.takeLayer(again, BLOB, "native")).toMatchObject({
        kind: "staged",
        layer: { state: "staged", diffId: DIFF_ID, staged: TREE },
      });
    });

    it("stageLayer is refused to a claim that is over", async () => {
      const maker = await claimedIn(images, "maker", "UNPACKING");
      await work.takeLayer(maker, BLOB, "native");
      await swapped(images, await loaded(images, "maker"), "begin-remove");
      expect(await work.stageLayer(maker, BLOB, "native", TREE)).toBe(false);
      expect(await work.readLayer(BLOB, "native")).toMatchObject({ state: "absent", staged: null });
    });

    it("settle publishes the staged trees of its form", async () => {
      const maker = await claimedIn(images, "maker", "UNPACKING");
      for (const form of ["native", "override"] as const) {
        await work.takeLayer(maker, BLOB, form);
        await work.stageLayer(maker, BLOB, form, { ...TREE, name: `1.1.${form}` });
      }
      await settled(images, maker, { layers: [{ digest: BLOB }] });
      expect(await loaded(images, "maker")).toMatchObject({
        layers: [{ digest: BLOB, diffId: DIFF_ID, sizeBytes: 7 }],
      });
      expect(await work.isPresent(DIFF_ID, "native")).toBe(false);
      await settled(images, await claimed(images, await loaded(images, "maker"), "store"), { published: [BLOB] });
      expect(await work.isPresent(DIFF_ID, "native")).toBe(true);
      expect(await work.isPresent(DIFF_ID, "override")).toBe(false);
      expect(await work.readLayer(BLOB, "override")).toMatchObject({ state: "staged" });
      const other = await claimedIn(images, "other", "UNPACKING");
      expect(await work.takeLayer(other, BLOB, "native")).toMatchObject({
        kind: "present",
        layer: { state: "present", diffId: DIFF_ID, sizeBytes: 7, staged: null },
      });
    });

    it("unstageOwn forgets the staged trees that no other placement refers to", async () => {
      const checksum = BLOB;
      await register(images, "other", { checksum: digestOf("b") });
      await register(images, "mine", { checksum });
      const maker = await claimed(images, await walkedTo(images, "mine", "UNPACKING"), "finish-unpack");
      const names = [BLOB, digestOf("b"), digestOf("c")].map((digest, position) => ({
        digest,
        name: `1.1.${position}`,
      }));
      for (const { digest, name } of names) {
        await work.takeLayer(maker, digest, "native");
        await work.stageLayer(maker, digest, "native", { ...TREE, name });
      }
      expect((await work.unstageOwn({ ...maker, fence: 0 })).toSorted()).toEqual([]);
      expect((await work.unstageOwn(maker)).toSorted()).toEqual(["1.1.0", "1.1.2"]);
      expect(await work.unstageOwn(maker)).toEqual([]);
      expect(await work.readLayer(digestOf("b"), "native")).toMatchObject({ state: "staged" });
      expect(await work.readLayer(BLOB, "native")).toMatchObject({ state: "absent", staged: null });
    });

    it("unstageLost forgets a tree that is not there, for a live claim only", async () => {
      const maker = await claimedIn(images, "maker", "UNPACKING");
      await work.takeLayer(maker, BLOB, "native");
      await work.stageLayer(maker, BLOB, "native", TREE);
      await work.unstageLost({ ...maker, fence: 0 }, BLOB, "native");
      expect(await work.readLayer(BLOB, "native")).toMatchObject({ state: "staged" });
      await work.unstageLost(maker, BLOB, "native");
      expect(await work.takeLayer(maker, BLOB, "native")).toEqual({ kind: "taken" });
    });

    it("inventory tells the live claims", async () => {
      const claim = await claimedIn(images, "live", "DOWNLOADING");
      await claimedIn(images, "dead", "DOWNLOADING", { leaseMs: 1 });
      await expired(images, "dead");
      const { claims } = await work.inventory();
      expect(claims).toEqual([{ placementId: claim.placementId, fence: claim.fence }]);
    });
  });
}
