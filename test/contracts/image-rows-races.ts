import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Claim, ImageRows } from "../../core/ports/image-rows.ts";
import { blobKey } from "../../core/ports/work-rows.ts";
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
} from "../support/rows.ts";

/** Two writes of one row, in every order that a network can deliver them. */
export function describeRaces(open: OpenRows): void {
  describe("ImageRows, a race", () => {
    let rows: OpenedRows;
    let images: ImageRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
    });
    afterEach(() => rows.close());

    /** Of a download, whose blob it has taken where it could. */
    const settleOf = async (claim: Claim, opId = newOp()): ReturnType<ImageRows["settle"]> => {
      await rows.workOf("here").takeBlob(claim, digestOf("a"));
      const facts = { blobs: [{ digest: digestOf("a"), sizeBytes: 1 }] };
      return images.settle(claim, { move: claim.move, opId, facts });
    };
    const releaseOf = (claim: Claim, opId = newOp()): ReturnType<ImageRows["release"]> =>
      images.release(claim, { opId, delayMs: 0, isCounted: true });

    /** Runs a write that must change nothing. */
    const unchanged = async <T>(write: () => Promise<T>): Promise<T> => {
      const before = await everything(rows);
      const result = await write();
      expect(await everything(rows)).toEqual(before);
      return result;
    };

    it("of two claims of one row gives it to one", async () => {
      await register(images, "debian");
      const seen = await swapped(images, await loaded(images, "debian"), "begin-download");
      const attempt = { move: "finish-download" as const, leaseMs: LONG_LEASE_MS };
      const both = await Promise.all(
        ["w1", "w2"].map((worker) => images.claim(seen, { ...attempt, worker, opId: newOp() })),
      );
      expect(both.map(({ kind }) => kind).toSorted()).toEqual(["claimed", "lost"]);
      expect((await loaded(images, "debian")).fence).toBe(1);
    });

    it("of two swaps of one row makes one", async () => {
      const seen = await register(images, "debian");
      const both = await Promise.all(
        (["begin-download", "begin-remove"] as const).map((move) =>
          images.swap(seen, { move, opId: newOp(), worker: "w" }),
        ),
      );
      expect(both.map(({ kind }) => kind).toSorted()).toEqual(["applied", "lost"]);
      expect((await loaded(images, "debian")).version).toBe(1);
    });

    it("of two settles of one claim applies one, and tells the other that it is a conflict", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      expect(await settleOf(claim)).toBe("applied");
      expect(await unchanged(() => settleOf(claim))).toBe("conflict");
    });

    it("between a settle and the fallback of one claim makes one", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      expect(await images.settle(claim, { move: "give-up", opId: newOp(), facts: {} })).toBe("applied");
      expect(await unchanged(() => settleOf(claim))).toBe("conflict");
      expect(await loaded(images, "debian")).toMatchObject({ state: "FAILED" });
    });

    it("between a release and a settle that overtook it is a conflict", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      expect(await settleOf(claim)).toBe("applied");
      expect(await unchanged(() => releaseOf(claim))).toBe("conflict");
    });

    it("between a settle and a release that overtook it is stale", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      expect(await releaseOf(claim)).toBe("applied");
      expect(await unchanged(() => settleOf(claim))).toBe("stale");
      expect(await unchanged(() => releaseOf(claim))).toBe("stale");
    });

    it("with a lost reply: a repeated settle says applied and changes nothing", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const opId = newOp();
      await settleOf(claim, opId);
      await rows.workOf("here").damageBlob(digestOf("a"));
      expect(await unchanged(() => settleOf(claim, opId))).toBe("applied");
      await swapped(images, await loaded(images, "debian"), "begin-unpack");
      expect(await unchanged(() => settleOf(claim, opId))).toBe("applied");
    });

    it("with a lost reply: a repeated finish-remove says applied", async () => {
      const removing = await swapped(images, await register(images, "debian"), "begin-remove");
      const claim = await claimed(images, removing, "finish-remove");
      const settlement = { move: claim.move, opId: newOp(), facts: {} };
      expect(await images.settle(claim, settlement)).toBe("applied");
      await register(images, "debian");
      expect(await unchanged(() => images.settle(claim, settlement))).toBe("applied");
    });

    it("with a lost reply: a repeated release says applied and changes nothing, also when the row went on", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const opId = newOp();
      await releaseOf(claim, opId);
      expect(await unchanged(() => releaseOf(claim, opId))).toBe("applied");
      const next = await claimed(images, await loaded(images, "debian"), "finish-download");
      await settled(images, next);
      expect(await unchanged(() => releaseOf(claim, opId))).toBe("applied");
    });

    it("with a lost reply: a repeated claim and a repeated swap are still ours", async () => {
      const seen = await register(images, "debian");
      const swap = { move: "begin-download" as const, opId: newOp(), worker: "w" };
      await images.swap(seen, swap);
      const downloading = await unchanged(() => images.swap(seen, swap));
      expect(downloading).toMatchObject({ kind: "applied", placement: { state: "DOWNLOADING", version: 1 } });

      const attempt = { move: "finish-download" as const, opId: newOp(), worker: "w", leaseMs: LONG_LEASE_MS };
      const from = await loaded(images, "debian");
      const first = await images.claim(from, attempt);
      expect(await unchanged(() => images.claim(from, attempt))).toMatchObject({ kind: "claimed" });
      expect(first).toMatchObject({ kind: "claimed", claim: { fence: 1 } });
    });

    it("between an expired lease and the next claim leaves the old holder nothing", async () => {
      const old = await claimedIn(images, "debian", "DOWNLOADING", { worker: "dead", leaseMs: 1 });
      const next = await claimed(images, await expired(images, "debian"), "finish-download", { worker: "alive" });
      expect(next.fence).toBe(old.fence + 1);
      expect(await unchanged(() => images.heartbeat(old, LONG_LEASE_MS, { doneBytes: 1, totalBytes: null }))).toBe(
        false,
      );
      expect(await unchanged(() => settleOf(old))).toBe("stale");
      expect(await unchanged(() => releaseOf(old))).toBe("stale");
      expect(await settleOf(next)).toBe("applied");
      expect(await unchanged(() => settleOf(old))).toBe("conflict");
    });

    it("lets a holder settle after its lease ran out, as long as nobody has the row", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING", { leaseMs: 500 });
      expect(await rows.workOf("here").takeBlob(claim, digestOf("a"))).toEqual({ kind: "taken" });
      await expired(images, "debian");
      expect(await settleOf(claim)).toBe("applied");
    });

    it("between a collection and a holder whose lease ran out is the collection's: it has removed what he made", async () => {
      const work = rows.workOf("here");
      const claim = await claimedIn(images, "debian", "DOWNLOADING", { leaseMs: 500 });
      expect(await work.takeBlob(claim, digestOf("a"))).toEqual({ kind: "taken" });
      await expired(images, "debian");
      const garbage = await work.markGarbage("unreferenced");
      expect(await unchanged(() => settleOf(claim))).toBe("stale");
      await work.sweepGarbage(garbage);
      expect(await unchanged(() => settleOf(claim))).toBe("stale");
      expect((await images.due(9)).rows).toMatchObject([{ name: "debian", isSuspect: true }]);
    });

    it("between a collection and a holder who found a blob that was there already is the collection's", async () => {
      const work = rows.workOf("here");
      expect(await settleOf(await claimedIn(images, "first", "DOWNLOADING"))).toBe("applied");
      const claim = await claimedIn(images, "second", "DOWNLOADING");
      expect(await work.takeBlob(claim, digestOf("a"))).toMatchObject({ kind: "present" });
      const garbage = await work.markGarbage("unreferenced");
      const settlement = {
        move: claim.move,
        opId: newOp(),
        facts: { blobs: [{ digest: digestOf("a"), sizeBytes: 1 }], layers: [{ digest: digestOf("a") }] },
      };
      expect(await unchanged(() => images.settle(claim, settlement))).toBe("stale");
      await work.sweepGarbage(garbage);
      expect(await unchanged(() => images.settle(claim, settlement))).toBe("stale");
      expect(await work.takeBlob(claim, digestOf("a"))).toEqual({ kind: "taken" });
      expect(await images.settle(claim, settlement)).toBe("applied");
    });

    it("between a cancel and a live lease is the cancel's: the holder finds itself overruled", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const removing = await swapped(images, await loaded(images, "debian"), "begin-remove");
      expect(removing).toMatchObject({ state: "REMOVING", fence: claim.fence + 1, leaseOwner: null });
      expect(await unchanged(() => images.heartbeat(claim, LONG_LEASE_MS, null))).toBe(false);
      expect(await unchanged(() => settleOf(claim))).toBe("conflict");
      expect(await unchanged(() => releaseOf(claim))).toBe("conflict");
    });

    it("between a cancel and its own repeat counts once", async () => {
      const claim = await claimedIn(images, "debian", "ACTIVATING");
      const seen = await loaded(images, "debian");
      const swap = { move: "begin-deactivate" as const, opId: newOp(), worker: "w" };
      expect(await images.swap(seen, swap)).toMatchObject({ kind: "applied" });
      expect(await unchanged(() => images.swap(seen, swap))).toMatchObject({ kind: "applied" });
      expect((await loaded(images, "debian")).fence).toBe(claim.fence + 1);
    });

    it("between a removal and a person who wants the image after all is the person's", async () => {
      const seen = await register(images, "debian");
      const unwanted = await images.changeTarget(seen, { target: "REMOVED", opId: newOp() });
      const wanted = await images.changeTarget(await loaded(images, "debian"), { target: "ACTIVE", opId: newOp() });
      expect([unwanted.kind, wanted.kind]).toEqual(["applied", "applied"]);
      const swap = { move: "begin-remove" as const, towards: "REMOVED" as const, opId: newOp(), worker: "w" };
      expect(await unchanged(() => images.swap(seen, swap))).toMatchObject({ kind: "lost" });
    });

    it("with a cancel wakes those who wait for the work of the claim that it overrules", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const waiting = await claimedIn(images, "waiting", "DOWNLOADING");
      await rows.workOf("here").takeBlob(claim, digestOf("a"));
      const waitsFor = blobKey(digestOf("a"));
      await images.release(waiting, { opId: newOp(), delayMs: LONG_LEASE_MS, waitsFor, isCounted: false });
      expect((await images.due(9)).rows).toEqual([]);
      await swapped(images, await loaded(images, "debian"), "begin-remove");
      expect((await images.due(9)).rows.map(({ name }) => name)).toContain("waiting");
    });

    it("with a stale swap, settle or release wakes nobody", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const seen = await loaded(images, "debian");
      const waiting = await claimedIn(images, "waiting", "DOWNLOADING");
      await rows.workOf("here").takeBlob(claim, digestOf("a"));
      const waitsFor = blobKey(digestOf("a"));
      await images.release(waiting, { opId: newOp(), delayMs: LONG_LEASE_MS, waitsFor, isCounted: false });
      const swap = { move: "begin-remove" as const, opId: newOp(), worker: "w" };
      const stale = { ...claim, fence: claim.fence - 1 };
      expect(await unchanged(() => images.swap({ ...seen, fence: 0 }, swap))).toMatchObject({ kind: "lost" });
      expect(await unchanged(() => settleOf({ ...claim, version: 0 }))).toBe("conflict");
      expect(await unchanged(() => settleOf(stale))).toBe("stale");
      expect(await unchanged(() => releaseOf(stale))).toBe("stale");
    });
  });
}

/** All that the rows tell, but for the time of the look. */
async function everything(rows: OpenedRows): Promise<unknown> {
  const images = rows.imagesOf("here");
  const { placements } = await images.list({ limit: 10 });
  return [
    placements.map((placement) => ({ ...placement, nowMs: null })),
    await images.history("debian", "all"),
    await rows.workOf("here").inventory(),
  ];
}
