import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needOf } from "../../core/admission/need.ts";
import type { Claim, ImageRows } from "../../core/ports/image-rows.ts";
import type { Reserved, WorkRows } from "../../core/ports/work-rows.ts";
import {
  claimedIn,
  LONG_LEASE_MS,
  loaded,
  newOp,
  type OpenedRows,
  type OpenRows,
  settled,
  swapped,
} from "../support/rows.ts";

/** Room on the disk that claims speak for before they fill it. */
export function describeRoom(open: OpenRows): void {
  describe("WorkRows, room", () => {
    let rows: OpenedRows;
    let images: ImageRows;
    let work: WorkRows;
    let first: Claim;
    let second: Claim;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
      work = rows.workOf("here");
      first = await claimedIn(images, "first", "DOWNLOADING");
      second = await claimedIn(images, "second", "DOWNLOADING");
    });
    afterEach(() => rows.close());

    /** 100 to fetch, and likely 300 to unpack. */
    const ask = (claim: Claim, bytes: number, inodes: number | null = null): Promise<Reserved> =>
      work.reserve(claim, { need: needOf(100, 100), free: { bytes, inodes } });

    it("is reserved where it is free, and not spoken for by another", async () => {
      expect(await ask(first, 400)).toEqual({ kind: "reserved" });
      expect(await ask(second, 799)).toEqual({ kind: "short", bytes: 400, inodes: 2 });
      expect(await ask(second, 800)).toEqual({ kind: "reserved" });
      expect(await ask(first, 800)).toEqual({ kind: "reserved" });
    });

    it("is as little as is needed for sure where nobody else has reserved any", async () => {
      expect(await ask(first, 199)).toEqual({ kind: "short", bytes: 0, inodes: 0 });
      expect(await ask(first, 200)).toEqual({ kind: "reserved" });
    });

    it("is of inodes, too, where the file system counts them", async () => {
      expect(await ask(first, 1000, 0)).toEqual({ kind: "short", bytes: 0, inodes: 0 });
      expect(await ask(first, 1000, 1)).toEqual({ kind: "reserved" });
      expect(await ask(second, 1000, 3)).toEqual({ kind: "short", bytes: 400, inodes: 2 });
      expect(await ask(second, 1000, 4)).toEqual({ kind: "reserved" });
    });

    it("counts what a holder has still to write", async () => {
      await ask(first, 400);
      await images.heartbeat(first, LONG_LEASE_MS, { doneBytes: 75, totalBytes: 100 });
      expect(await ask(second, 499)).toMatchObject({ kind: "short", bytes: 100 });
      expect(await ask(second, 500)).toEqual({ kind: "reserved" });
    });

    it("counts what was reserved in the middle of the work from there on", async () => {
      await images.heartbeat(first, LONG_LEASE_MS, { doneBytes: 50, totalBytes: 100 });
      await ask(first, 400);
      expect(await ask(second, 799)).toMatchObject({ kind: "short", bytes: 400 });
      await images.heartbeat(first, LONG_LEASE_MS, { doneBytes: 75, totalBytes: 100 });
      expect(await ask(second, 599)).toMatchObject({ kind: "short", bytes: 200 });
      expect(await ask(second, 600)).toEqual({ kind: "reserved" });
    });

    it("counts whole what was reserved where nobody knows how much there will be", async () => {
      await ask(first, 400);
      await images.heartbeat(first, LONG_LEASE_MS, { doneBytes: 75, totalBytes: null });
      expect(await ask(second, 799)).toMatchObject({ kind: "short", bytes: 400 });
    });

    it.each<[string, (claim: Claim) => Promise<unknown>]>([
      ["a release", (claim) => images.release(claim, { opId: newOp(), delayMs: 0, isCounted: true })],
      ["a settle", (claim) => settled(images, claim, {})],
      ["an overruling", async () => swapped(images, await loaded(images, "first"), "begin-remove")],
    ])("is free again with %s", async (_end, end) => {
      await ask(first, 400);
      await end(first);
      expect(await ask(second, 200)).toEqual({ kind: "reserved" });
      expect(await ask(first, 10_000)).toEqual({ kind: "stale" });
    });

    it("that another node reserved is on another disk", async () => {
      const there = await claimedIn(rows.imagesOf("there"), "third", "DOWNLOADING");
      await rows.workOf("there").reserve(there, { need: needOf(100, 100), free: { bytes: 400, inodes: null } });
      expect(await ask(first, 200)).toEqual({ kind: "reserved" });
    });

    it("wakes those who wait for it when an image is gone or garbage is collected", async () => {
      const wait = async (claim: Claim): Promise<void> => {
        const error = { code: "NO_SPACE", message: "too little", hint: null } as const;
        await images.release(claim, { opId: newOp(), delayMs: LONG_LEASE_MS, isCounted: false, error });
      };
      await wait(first);
      expect((await images.due(9)).rows).toEqual([]);
      await work.sweepGarbage({ blobs: [], layers: [] });
      expect((await images.due(9)).rows.map(({ name }) => name)).toEqual(["first"]);
    });
  });
}
