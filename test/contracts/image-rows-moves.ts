import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordedError } from "../../core/errors.ts";
import type { ImageRows, MountIdentity, Placement } from "../../core/ports/image-rows.ts";
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

const WENT_WRONG: RecordedError = { code: "SOURCE_UNAVAILABLE", message: "connection reset", hint: null };
const MOUNT: MountIdentity = { bootId: "boot", mountNs: "4026531841", mountId: "2147483999", deviceId: "39" };

/** Transitions, and what they write beside the state. */
export function describeMoving(open: OpenRows): void {
  describe("ImageRows, a move", () => {
    let rows: OpenedRows;
    let images: ImageRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
    });
    afterEach(() => rows.close());

    /** ACTIVE, with a mount. */
    const mounted = async (): Promise<Placement> => {
      await register(images, "debian");
      const activating = await walkedTo(images, "debian", "ACTIVATING");
      await settled(images, await claimed(images, activating, "finish-activate"), { mount: MOUNT });
      return loaded(images, "debian");
    };

    it("leads by swaps and settles from NEW to ACTIVE, where nothing is due", async () => {
      await register(images, "debian");
      const active = await walkedTo(images, "debian", "ACTIVE");
      expect(active).toMatchObject({ version: 7, fence: 4, attempt: 0, leaseOwner: null, dueAtMs: null });
    });

    it("writes what the act found out", async () => {
      await register(images, "debian");
      const downloading = await walkedTo(images, "debian", "DOWNLOADING");
      const download = await claimed(images, downloading, "finish-download");
      await rows.workOf("here").takeBlob(download, digestOf("a"));
      await settled(images, download, {
        checksum: digestOf("a"),
        blobs: [{ digest: digestOf("a"), sizeBytes: 10 }],
      });
      expect(await loaded(images, "debian")).toMatchObject({ checksum: digestOf("a") });
      const unpacking = await walkedTo(images, "debian", "UNPACKING");
      await settled(images, await claimed(images, unpacking, "finish-unpack"), {
        layers: [
          { digest: digestOf("b"), expectedDiffId: digestOf("d") },
          { digest: digestOf("a") },
          { digest: digestOf("b") },
        ],
      });
      const unpacked = await loaded(images, "debian");
      const unknown = { diffId: null, sizeBytes: null };
      expect(unpacked.layers).toEqual([
        { digest: digestOf("b"), expectedDiffId: digestOf("d"), ...unknown },
        { digest: digestOf("a"), expectedDiffId: null, ...unknown },
        { digest: digestOf("b"), expectedDiffId: null, ...unknown },
      ]);
      await settled(images, await claimed(images, unpacked, "store"), { sizeBytes: 2 ** 40 });
      const activating = await walkedTo(images, "debian", "ACTIVATING");
      await settled(images, await claimed(images, activating, "finish-activate"), {
        mount: MOUNT,
        driver: "overlayfs",
      });
      expect(await loaded(images, "debian")).toMatchObject({ sizeBytes: 2 ** 40, mount: MOUNT, driver: "overlayfs" });
    });

    it("does not pin a checksum a second time", async () => {
      await register(images, "debian", { checksum: digestOf("a") });
      const downloading = await walkedTo(images, "debian", "DOWNLOADING");
      await settled(images, await claimed(images, downloading, "finish-download"), { checksum: digestOf("b") });
      expect(await loaded(images, "debian")).toMatchObject({ checksum: digestOf("a") });
    });

    it("remount forgets the mount and records what was seen", async () => {
      const active = await mounted();
      const remounted = await swapped(images, active, "remount", { error: WENT_WRONG });
      expect(remounted).toMatchObject({ state: "ACTIVATING", mount: null, error: WENT_WRONG });
      expect(remounted.dueAtMs).not.toBeNull();
    });

    it("refetch forgets the mount and records what was seen", async () => {
      const deactivating = await swapped(images, await mounted(), "begin-deactivate");
      await settled(images, await claimed(images, deactivating, "finish-deactivate"));
      const stored = await loaded(images, "debian");
      expect(stored.mount).toEqual(MOUNT);
      const refetched = await swapped(images, stored, "refetch", { error: WENT_WRONG });
      expect(refetched).toMatchObject({ state: "NEW", mount: null, error: WENT_WRONG });
    });

    it("begins without the error and the progress of the state before", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const progress = { doneBytes: 5, totalBytes: 10 };
      await images.release(claim, { opId: newOp(), delayMs: 0, isCounted: true, error: WENT_WRONG, progress });
      expect(await loaded(images, "debian")).toMatchObject({ error: WENT_WRONG, progress });
      await settled(images, await claimed(images, await loaded(images, "debian"), "finish-download"));
      expect(await loaded(images, "debian")).toMatchObject({ error: null, progress: null, attempt: 0 });
    });

    it("finish-remove takes the row, its references, and the image with its last placement", async () => {
      const there = rows.imagesOf("there");
      const first = await register(images, "debian", { source: "/one.tar" });
      await register(there, "debian", { source: "/one.tar" });
      await removed(images);
      const second = await register(images, "debian", { source: "/one.tar" });
      expect(second.imageId).toBe(first.imageId);
      await removed(there);
      await removed(images);
      const third = await register(images, "debian", { source: "/two.tar" });
      expect(third.imageId).toBeGreaterThan(first.imageId);
      expect(third.id).toBeGreaterThan(second.id);
    });

    it("keep-active wants the image ACTIVE again and keeps the error", async () => {
      await register(images, "debian", { target: "REMOVED" });
      const deactivating = await swapped(images, await walkedTo(images, "debian", "ACTIVE"), "begin-deactivate");
      const claim = await claimed(images, deactivating, "finish-deactivate");
      const busy: RecordedError = { code: "IN_USE", message: "in use by 12", hint: "stop it" };
      const verdict = await images.settle(claim, { move: "keep-active", opId: newOp(), facts: {}, error: busy });
      expect(verdict).toBe("applied");
      expect(await loaded(images, "debian")).toMatchObject({
        state: "ACTIVE",
        target: "ACTIVE",
        generation: 1,
        error: busy,
        dueAtMs: null,
      });
    });

    it("give-up rests with its error, and retry begins without a past", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      await images.heartbeat(claim, LONG_LEASE_MS, { doneBytes: 5, totalBytes: 10 });
      await images.settle(claim, { move: "give-up", opId: newOp(), facts: {}, error: WENT_WRONG });
      const failed = await loaded(images, "debian");
      expect(failed).toMatchObject({ state: "FAILED", error: WENT_WRONG, dueAtMs: null });
      const retried = await swapped(images, failed, "retry");
      expect(retried).toMatchObject({ state: "NEW", error: null, progress: null, attempt: 0 });
      expect(retried.dueAtMs).not.toBeNull();
    });

    it("that is not in the table is refused, whoever asks, and changes nothing", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const before = await loaded(images, "debian");
      await expect(images.settle(claim, { move: "finish-activate", opId: newOp(), facts: {} })).rejects.toThrow(
        "ILLEGAL_MOVE",
      );
      expect(await loaded(images, "debian")).toEqual({ ...before, nowMs: expect.any(Number) });
    });
  });
}

async function removed(images: ImageRows): Promise<void> {
  const removing = await swapped(images, await loaded(images, "debian"), "begin-remove");
  await settled(images, await claimed(images, removing, "finish-remove"));
  expect(await images.load("debian")).toBeNull();
}
