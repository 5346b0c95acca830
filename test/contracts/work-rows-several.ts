import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blobKey } from "../../core/ports/work-rows.ts";
import { claimedIn, digestOf, LONG_LEASE_MS, newOp, type OpenedRows, type OpenRows, settled } from "../support/rows.ts";

/** An image of several layers is several blobs of one claim. */
export function describeSeveralBlobs(open: OpenRows): void {
  describe("WorkRows, several blobs of a claim", () => {
    let rows: OpenedRows;

    beforeEach(async () => {
      rows = await open();
    });
    afterEach(() => rows.close());

    it("are stored by one settle, which wakes those who wait for any of them", async () => {
      const [images, work] = [rows.imagesOf("here"), rows.workOf("here")];
      const [one, other] = [digestOf("a"), digestOf("b")];
      const maker = await claimedIn(images, "maker", "DOWNLOADING");
      await work.takeBlob(maker, one);
      await work.takeBlob(maker, other);
      for (const digest of [one, other]) {
        const waiting = await claimedIn(images, digest.slice(-4), "DOWNLOADING");
        expect(await work.takeBlob(waiting, digest)).toMatchObject({ kind: "held" });
        const release = { opId: newOp(), delayMs: LONG_LEASE_MS, isCounted: false, waitsFor: blobKey(digest) };
        await images.release(waiting, release);
      }
      await settled(images, maker, {
        blobs: [
          { digest: one, sizeBytes: 9 },
          { digest: other, sizeBytes: 8 },
        ],
      });
      const due = (await images.due(9)).rows.map(({ name }) => name);
      expect(due).toEqual(expect.arrayContaining(["aaaa", "bbbb"]));
      const next = await claimedIn(images, "next", "DOWNLOADING");
      expect(await work.takeBlob(next, one)).toEqual({ kind: "present", sizeBytes: 9 });
      expect(await work.takeBlob(next, other)).toEqual({ kind: "present", sizeBytes: 8 });
    });
  });
}
