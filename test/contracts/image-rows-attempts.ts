import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordedError } from "../../core/errors.ts";
import { type ImageRows, isHeld } from "../../core/ports/image-rows.ts";
import {
  claimed,
  claimedIn,
  expired,
  LONG_LEASE_MS,
  loaded,
  newOp,
  type OpenedRows,
  type OpenRows,
  walkedTo,
} from "../support/rows.ts";

const WENT_WRONG: RecordedError = { code: "SOURCE_UNAVAILABLE", message: "connection reset", hint: null };

/** Claims, their heartbeats and releases. */
export function describeAttempts(open: OpenRows): void {
  describe("ImageRows, an attempt", () => {
    let rows: OpenedRows;
    let images: ImageRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
    });
    afterEach(() => rows.close());

    it("claim takes a due row with a lease, a fence and an attempt of its own", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING", { worker: "w1" });
      const held = await loaded(images, "debian");
      expect(claim).toMatchObject({ placementId: held.id, fence: 1, version: 1, worker: "w1" });
      expect(held).toMatchObject({ fence: 1, attempt: 1, leaseOwner: "w1", move: "finish-download" });
      expect(isHeld(held)).toBe(true);
    });

    it("claim leaves a row that is not due", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      await images.release(claim, { opId: newOp(), delayMs: LONG_LEASE_MS, isCounted: true });
      const seen = await loaded(images, "debian");
      const attempt = { move: "finish-download" as const, opId: newOp(), worker: "w", leaseMs: LONG_LEASE_MS };
      expect(await images.claim(seen, attempt)).toEqual({
        kind: "lost",
        placement: { ...seen, nowMs: expect.any(Number) },
      });
    });

    it("heartbeat pushes the lease on and counts attempts from the last new bytes", async () => {
      const first = await claimedIn(images, "debian", "DOWNLOADING");
      await images.release(first, {
        opId: newOp(),
        delayMs: 0,
        isCounted: true,
        progress: { doneBytes: 7, totalBytes: null },
      });
      const again = await claimed(images, await loaded(images, "debian"), "finish-download", { leaseMs: 60_000 });
      expect(await loaded(images, "debian")).toMatchObject({
        attempt: 1,
        progress: { doneBytes: 7, totalBytes: null },
      });
      await images.release(again, { opId: newOp(), delayMs: 0, isCounted: true });
      const third = await claimed(images, await loaded(images, "debian"), "finish-download", { leaseMs: 60_000 });
      const before = await loaded(images, "debian");
      expect(before.attempt).toBe(2);

      expect(await images.heartbeat(third, LONG_LEASE_MS, { doneBytes: 7, totalBytes: 9 })).toBe(true);
      const beaten = await loaded(images, "debian");
      expect(beaten).toMatchObject({ attempt: 2, progress: { doneBytes: 7, totalBytes: 9 } });
      expect(beaten.dueAtMs).toBeGreaterThan(before.dueAtMs ?? 0);

      expect(await images.heartbeat(third, LONG_LEASE_MS, { doneBytes: 8, totalBytes: 9 })).toBe(true);
      expect(await images.heartbeat(third, LONG_LEASE_MS, null)).toBe(true);
      expect(await loaded(images, "debian")).toMatchObject({ attempt: 1, progress: { doneBytes: 8, totalBytes: 9 } });
    });

    it("heartbeat does not revive a lease that ran out", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING", { leaseMs: 1 });
      await expired(images, "debian");
      expect(await images.heartbeat(claim, LONG_LEASE_MS, null)).toBe(false);
    });

    it("release keeps the attempt that counts, takes back the one that does not, and keeps the last error", async () => {
      let claim = await claimedIn(images, "debian", "DOWNLOADING");
      for (const error of [WENT_WRONG, undefined]) {
        const verdict = await images.release(claim, {
          opId: newOp(),
          delayMs: 0,
          isCounted: error !== undefined,
          ...(error === undefined ? {} : { error }),
        });
        expect(verdict).toBe("applied");
        const released = await loaded(images, "debian");
        expect(released).toMatchObject({ attempt: 1, error: WENT_WRONG, leaseOwner: null });
        claim = await claimed(images, released, "finish-download");
      }
      expect(claim.fence).toBe(5);
    });

    it("release that recorded more bytes than any attempt before begins to count anew", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const progress = { doneBytes: 1, totalBytes: 2 };
      await images.release(claim, { opId: newOp(), delayMs: 0, isCounted: true, progress });
      expect(await loaded(images, "debian")).toMatchObject({ attempt: 0, progress });
    });

    it("release makes the row due after its delay", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      await images.release(claim, { opId: newOp(), delayMs: 60_000, isCounted: true });
      const { dueAtMs, updatedAtMs } = await loaded(images, "debian");
      expect(dueAtMs).toBe(updatedAtMs + 60_000);
    });

    it("wake cuts a back-off short, and leaves a held row and a resting one alone", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const held = await loaded(images, "debian");
      await images.wake(held.id);
      expect((await loaded(images, "debian")).dueAtMs).toBe(held.dueAtMs);
      await images.release(claim, { opId: newOp(), delayMs: LONG_LEASE_MS, isCounted: true });
      await images.wake(held.id);
      expect((await images.due(1)).rows).toMatchObject([{ name: "debian" }]);
      const resting = await walkedTo(images, "debian", "ACTIVE");
      await images.wake(resting.id);
      expect((await loaded(images, "debian")).dueAtMs).toBeNull();
    });
  });
}
