import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordedError } from "../../core/errors.ts";
import type { ImageRows } from "../../core/ports/image-rows.ts";
import {
  claimed,
  claimedIn,
  expired,
  loaded,
  newOp,
  type OpenedRows,
  type OpenRows,
  register,
  settled,
  swapped,
  walkedTo,
} from "../support/rows.ts";

const WENT_WRONG: RecordedError = { code: "SOURCE_STALLED", message: "no byte in 30 s", hint: "try later" };

/** What history tells of transitions, and of attempts that ended without one. */
export function describeHistory(open: OpenRows): void {
  describe("ImageRows.history", () => {
    let rows: OpenedRows;
    let images: ImageRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
    });
    afterEach(() => rows.close());

    it("begins with the registration and chains every transition", async () => {
      await register(images, "debian", { worker: "cli" });
      await walkedTo(images, "debian", "ACTIVE");
      const history = await images.history("debian", "latest");
      expect(history[0]).toMatchObject({
        fromState: null,
        toState: "NEW",
        move: "register",
        attempt: 0,
        node: "here",
        worker: "cli",
        durationMs: 0,
        error: null,
      });
      expect(history.map(({ move, attempt, worker }) => `${move} ${attempt} ${worker}`)).toEqual([
        "register 0 cli",
        "begin-download 0 swapper",
        "finish-download 1 worker",
        "begin-unpack 0 swapper",
        "finish-unpack 1 worker",
        "store 1 worker",
        "begin-activate 0 swapper",
        "finish-activate 1 worker",
      ]);
      expect(history.slice(1).map(({ fromState }) => fromState)).toEqual(
        history.slice(0, -1).map(({ toState }) => toState),
      );
      expect(history.map(({ seq }) => seq)).toEqual(history.map(({ seq }) => seq).toSorted((a, b) => a - b));
    });

    it("tells an attempt that was released, with its own error and no other's", async () => {
      const first = await claimedIn(images, "debian", "DOWNLOADING", { worker: "w1" });
      await images.release(first, { opId: newOp(), delayMs: 0, isCounted: true, error: WENT_WRONG });
      const second = await claimed(images, await loaded(images, "debian"), "finish-download", { worker: "w2" });
      await images.release(second, { opId: newOp(), delayMs: 0, isCounted: false });
      const attempts = (await images.history("debian", "latest")).slice(2);
      const same = { fromState: "DOWNLOADING", toState: "DOWNLOADING", move: "finish-download" };
      expect(attempts).toMatchObject([
        { ...same, attempt: 1, worker: "w1", error: WENT_WRONG },
        { ...same, attempt: 2, worker: "w2", error: null },
      ]);
    });

    it("tells an attempt whose lease ran out in the dead worker's name, when the next claim comes", async () => {
      await claimedIn(images, "debian", "DOWNLOADING", { worker: "dead", leaseMs: 1 });
      const seen = await expired(images, "debian");
      expect(await images.history("debian", "latest")).toHaveLength(2);
      const next = await claimed(images, seen, "finish-download", { worker: "alive" });
      await settled(images, next);
      const rest = (await images.history("debian", "latest")).slice(2);
      expect(rest).toMatchObject([
        {
          fromState: "DOWNLOADING",
          toState: "DOWNLOADING",
          move: "finish-download",
          attempt: 1,
          worker: "dead",
          startedAtMs: seen.claimedAtMs,
          error: { code: "LEASE_EXPIRED" },
        },
        { fromState: "DOWNLOADING", toState: "DOWNLOADED", attempt: 2, worker: "alive", error: null },
      ]);
    });

    it("tells an attempt that was cancelled before the move that overruled it", async () => {
      await claimedIn(images, "debian", "DOWNLOADING", { worker: "busy" });
      await swapped(images, await loaded(images, "debian"), "begin-remove", { worker: "person" });
      expect((await images.history("debian", "latest")).slice(2)).toMatchObject([
        { toState: "DOWNLOADING", move: "finish-download", attempt: 1, worker: "busy", error: { code: "CANCELLED" } },
        { toState: "REMOVING", move: "begin-remove", attempt: 0, worker: "person", durationMs: 0, error: null },
      ]);
    });

    it("tells an attempt that ran out before it was overruled as run out", async () => {
      await claimedIn(images, "debian", "DOWNLOADING", { worker: "dead", leaseMs: 1 });
      await swapped(images, await expired(images, "debian"), "begin-remove");
      expect((await images.history("debian", "latest"))[2]).toMatchObject({
        worker: "dead",
        error: { code: "LEASE_EXPIRED" },
      });
    });

    it("keeps a settle's error and its duration", async () => {
      const claim = await claimedIn(images, "debian", "DOWNLOADING");
      const { claimedAtMs } = await loaded(images, "debian");
      await images.settle(claim, { move: "give-up", opId: newOp(), facts: {}, error: WENT_WRONG });
      const last = (await images.history("debian", "latest")).at(-1);
      expect(last).toMatchObject({ toState: "FAILED", move: "give-up", startedAtMs: claimedAtMs, error: WENT_WRONG });
      expect(last?.durationMs).toBeGreaterThanOrEqual(0);
    });

    it("tells of the latest incarnation, present or gone, or of all", async () => {
      const removing = await swapped(images, await register(images, "debian"), "begin-remove");
      await settled(images, await claimed(images, removing, "finish-remove"));
      const gone = await images.history("debian", "latest");
      expect(gone.map(({ toState }) => toState)).toEqual(["NEW", "REMOVING", "REMOVED"]);
      await register(images, "debian");
      const present = await images.history("debian", "latest");
      expect(present.map(({ toState }) => toState)).toEqual(["NEW"]);
      expect(await images.history("debian", "all")).toEqual([...gone, ...present]);
    });
  });
}
