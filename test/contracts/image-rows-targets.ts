import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STATES, TARGETS } from "../../core/lifecycle/image.ts";
import { isResting } from "../../core/lifecycle/next-move.ts";
import type { ImageRows } from "../../core/ports/image-rows.ts";
import {
  claimed,
  claimedIn,
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

/** What a change of the target does, to a free row and to a held one. */
export function describeTargets(open: OpenRows): void {
  describe("ImageRows.changeTarget", () => {
    let rows: OpenedRows;
    let images: ImageRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
    });
    afterEach(() => rows.close());

    it("makes a free row due now, and a row at rest where it is", async () => {
      await register(images, "debian");
      const active = await walkedTo(images, "debian", "ACTIVE");
      const stored = await images.changeTarget(active, { target: "STORED", opId: newOp() });
      expect(stored).toMatchObject({ kind: "applied", placement: { target: "STORED", generation: 1, version: 7 } });
      expect((await images.due(1)).rows).toMatchObject([{ name: "debian" }]);
      const back = await images.changeTarget(await loaded(images, "debian"), { target: "ACTIVE", opId: newOp() });
      expect(back).toMatchObject({ kind: "applied", placement: { generation: 2, dueAtMs: null } });
    });

    it("loses where the generation is not as seen", async () => {
      const seen = await register(images, "debian");
      await images.changeTarget(seen, { target: "STORED", opId: newOp() });
      const late = await images.changeTarget(seen, { target: "REMOVED", opId: newOp() });
      expect(late).toMatchObject({ kind: "lost", placement: { target: "STORED", generation: 1 } });
    });

    it("repeated after a lost reply says applied and counts once", async () => {
      const seen = await register(images, "debian");
      const change = { target: "STORED" as const, opId: newOp() };
      await images.changeTarget(seen, change);
      const again = await images.changeTarget(seen, change);
      expect(again).toMatchObject({ kind: "applied", placement: { target: "STORED", generation: 1 } });
    });

    it("to the same target applies without counting, and cuts a back-off short", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      await images.release(claim, { opId: newOp(), delayMs: LONG_LEASE_MS, isCounted: true });
      const seen = await loaded(images, "debian");
      const same = await images.changeTarget(seen, { target: "ACTIVE", opId: newOp() });
      expect(same).toMatchObject({ kind: "applied", placement: { generation: 0 } });
      expect((await images.due(1)).rows).toMatchObject([{ name: "debian" }]);
    });

    it("has no way back from REMOVING", async () => {
      const removing = await swapped(images, await register(images, "debian"), "begin-remove");
      for (const target of ["ACTIVE", "STORED"] as const) {
        const refused = await images.changeTarget(removing, { target, opId: newOp() });
        expect(refused).toMatchObject({ kind: "lost", placement: { state: "REMOVING", target: "ACTIVE" } });
      }
      expect(await images.changeTarget(removing, { target: "REMOVED", opId: newOp() })).toMatchObject({
        kind: "applied",
      });
    });

    it("never touches a held row's lease; its settle sees the new target", async () => {
      const claim = await claimedIn(images, "debian", "ACTIVATING");
      const held = await loaded(images, "debian");
      const changed = await images.changeTarget(held, { target: "STORED", opId: newOp() });
      expect(changed).toMatchObject({ kind: "applied", placement: { dueAtMs: held.dueAtMs, leaseOwner: "worker" } });
      await settled(images, claim);
      const active = await loaded(images, "debian");
      expect(active).toMatchObject({ state: "ACTIVE", target: "STORED" });
      expect(active.dueAtMs).not.toBeNull();
    });

    it("while a row is held that then rests leaves nothing due", async () => {
      const claim = await claimedIn(images, "debian", "UNPACKED");
      await images.changeTarget(await loaded(images, "debian"), { target: "STORED", opId: newOp() });
      await settled(images, claim);
      expect(await loaded(images, "debian")).toMatchObject({ state: "STORED", dueAtMs: null });
    });

    it("while a row is held makes its release due at once", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      await images.changeTarget(await loaded(images, "debian"), { target: "REMOVED", opId: newOp() });
      await images.release(claim, { opId: newOp(), delayMs: LONG_LEASE_MS, isCounted: true });
      expect((await images.due(1)).rows).toMatchObject([{ name: "debian", target: "REMOVED" }]);
    });

    it("leaves a suspect a suspect", async () => {
      await claimedIn(images, "debian", "DOWNLOADING", { leaseMs: 1 });
      const seen = await expired(images, "debian");
      await images.changeTarget(seen, { target: "REMOVED", opId: newOp() });
      expect((await images.due(1)).rows).toMatchObject([{ name: "debian", isSuspect: true }]);
    });

    it("keeps a wish for the next mount until the move that grants it, and for no longer", async () => {
      await register(images, "debian", { target: "STORED" });
      const stored = await walkedTo(images, "debian", "STORED", "STORED");
      await images.changeTarget(stored, { target: "ACTIVE", isFresh: true, opId: newOp() });
      const claim = await claimed(images, await walkedTo(images, "debian", "ACTIVATING"), "finish-activate");
      expect(await loaded(images, "debian")).toMatchObject({ isFreshWanted: true });
      await settled(images, claim);
      const active = await loaded(images, "debian");
      expect(active).toMatchObject({ isFreshWanted: false, dueAtMs: null });

      await images.changeTarget(active, { target: "STORED", isForced: true, opId: newOp() });
      const deactivating = await walkedTo(images, "debian", "DEACTIVATING", "STORED");
      expect(deactivating).toMatchObject({ isForceWanted: true });
      await settled(images, await claimed(images, deactivating, "finish-deactivate"));
      expect(await loaded(images, "debian")).toMatchObject({ isForceWanted: false });
    });

    it("does not lose a wish that comes while the mount before it is made", async () => {
      const claim = await claimedIn(images, "debian", "ACTIVATING");
      const wish = { target: "ACTIVE" as const, isFresh: true, opId: newOp() };
      await images.changeTarget(await loaded(images, "debian"), wish);
      await settled(images, claim);
      expect(await loaded(images, "debian")).toMatchObject({ isFreshWanted: true, generation: 1 });
    });

    it("drops the wish for an empty upper with the wish for the mount", async () => {
      await register(images, "debian", { target: "STORED" });
      const stored = await walkedTo(images, "debian", "STORED", "STORED");
      await images.changeTarget(stored, { target: "ACTIVE", isFresh: true, opId: newOp() });
      await images.changeTarget(await loaded(images, "debian"), { target: "STORED", opId: newOp() });
      expect(await loaded(images, "debian")).toMatchObject({ isFreshWanted: false });
    });

    it.each(STATES)("leaves %s due or at rest as the lifecycle's table says", async (state) => {
      await register(images, "debian");
      if (state === "FAILED") {
        const claim = await claimed(images, await walkedTo(images, "debian", "DOWNLOADING"), "finish-download");
        await images.settle(claim, { move: "give-up", opId: newOp(), facts: {} });
      } else if (state === "DEACTIVATING" || state === "REMOVING") {
        const from = await walkedTo(images, "debian", state === "REMOVING" ? "STORED" : "ACTIVE");
        await swapped(images, from, state === "REMOVING" ? "begin-remove" : "begin-deactivate");
      } else {
        await walkedTo(images, "debian", state);
      }
      for (const target of TARGETS) {
        const changed = await images.changeTarget(await loaded(images, "debian"), { target, opId: newOp() });
        if (state === "REMOVING" && target !== "REMOVED") expect(changed.kind).toBe("lost");
        else expect(changed.placement?.dueAtMs === null).toBe(isResting(state, target));
      }
    });
  });
}
