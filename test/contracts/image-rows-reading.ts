import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ImageRows } from "../../core/ports/image-rows.ts";
import {
  claimedIn,
  digestOf,
  expired,
  loaded,
  newOp,
  type OpenedRows,
  type OpenRows,
  register,
  swapped,
  walkedTo,
} from "../support/rows.ts";

/** Registering and reading. */
export function describeReading(open: OpenRows): void {
  describe("ImageRows", () => {
    let rows: OpenedRows;
    let images: ImageRows;

    beforeEach(async () => {
      rows = await open();
      images = rows.imagesOf("here");
    });
    afterEach(() => rows.close());

    it("due gives what somebody waits for before what is older, until that rests", async () => {
      for (const name of ["older", "old", "waited-for"]) await register(images, name);
      const [older, , waitedFor] = await Promise.all(
        ["older", "old", "waited-for"].map((name) => loaded(images, name)),
      );
      if (older === undefined || waitedFor === undefined) throw new Error("they are gone");
      const swap = { move: "begin-download", opId: newOp(), worker: "w", isAskedFor: true } as const;
      await images.swap(waitedFor, swap);
      expect((await images.due(10)).rows.map(({ name }) => name)).toEqual(["waited-for", "older", "old"]);
      const stored = await walkedTo(images, "waited-for", "STORED", "STORED");
      expect(stored.priority).toBe(0);
      expect((await walkedTo(images, "waited-for", "ACTIVE")).priority).toBe(1);
      const claim = { move: "finish-download", opId: newOp(), worker: "w", leaseMs: 60_000, isAskedFor: true } as const;
      const begun = await swapped(images, older, "begin-download");
      const claimed = await images.claim(begun, claim);
      expect(claimed.placement?.priority).toBe(0);
    });

    it("register adds a placement in NEW, due now", async () => {
      const registration = {
        name: "debian",
        source: "http://example.test/debian.tar",
        checksum: digestOf("a"),
        target: "STORED" as const,
        mountOptions: ["nodev", "noexec"] as const,
        opId: newOp(),
        worker: "cli",
      };
      const { isNew, placement } = await images.register(registration);
      expect(isNew).toBe(true);
      expect(placement).toMatchObject({
        name: "debian",
        node: "here",
        source: registration.source,
        checksum: digestOf("a"),
        state: "NEW",
        target: "STORED",
        mountOptions: ["nodev", "noexec"],
        version: 0,
        generation: 0,
        fence: 0,
        attempt: 0,
        move: "register",
        leaseOwner: null,
        error: null,
        layers: [],
      });
      expect(placement.dueAtMs).toBeLessThanOrEqual(placement.nowMs);
      expect(await images.load("debian")).toEqual({ ...placement, nowMs: expect.any(Number) });
    });

    it("register finds what has the name and changes nothing", async () => {
      const first = await register(images, "debian");
      const second = await images.register({
        name: "debian",
        source: "http://example.test/other.tar",
        checksum: digestOf("b"),
        target: "REMOVED",
        mountOptions: [],
        opId: newOp(),
        worker: "other",
      });
      expect(second.isNew).toBe(false);
      expect(second.placement).toEqual({ ...first, nowMs: expect.any(Number) });
    });

    it("register repeated after a lost reply says new again", async () => {
      const registration = {
        name: "debian",
        source: "/debian.tar",
        checksum: null,
        target: "ACTIVE" as const,
        mountOptions: [],
        opId: newOp(),
        worker: "cli",
      };
      await images.register(registration);
      await walkedTo(images, "debian", "DOWNLOADED");
      expect(await images.register(registration)).toMatchObject({ isNew: true, placement: { state: "DOWNLOADED" } });
      expect(await images.history("debian", "all")).toHaveLength(3);
    });

    it("register joins another node's image only where the source is the same", async () => {
      await register(rows.imagesOf("there"), "debian", { source: "/one.tar" });
      const other = await register(images, "debian", { source: "/two.tar" });
      expect(other).toMatchObject({ node: "there", source: "/one.tar" });
      expect(await images.load("debian")).toBeNull();
      const same = await register(images, "debian", { source: "/one.tar" });
      expect(same).toMatchObject({ node: "here", imageId: other.imageId });
    });

    it("load and history know no other node's placement", async () => {
      await register(rows.imagesOf("there"), "debian");
      expect(await images.load("debian")).toBeNull();
      expect(await images.history("debian", "all")).toEqual([]);
    });

    it("list pages by name, by state, by node and over all nodes", async () => {
      const there = rows.imagesOf("there");
      for (const name of ["c", "a", "b"]) await register(images, name);
      await register(there, "a");
      await swapped(images, await loaded(images, "b"), "begin-download");

      const namesOf = async (filter: Parameters<ImageRows["list"]>[0]): Promise<string[]> => {
        const { placements, nextCursor } = await images.list(filter);
        const names = placements.map(({ name, node }) => `${name}@${node}`);
        return nextCursor === null ? names : [...names, ...(await namesOf({ ...filter, cursor: nextCursor }))];
      };
      for (const limit of [1, 2, 3, 10]) {
        expect(await namesOf({ limit })).toEqual(["a@here", "b@here", "c@here"]);
        expect(await namesOf({ limit, state: "NEW" })).toEqual(["a@here", "c@here"]);
        expect(await namesOf({ limit, node: "there" })).toEqual(["a@there"]);
        expect(await namesOf({ limit, node: "*" })).toEqual(["a@here", "a@there", "b@here", "c@here"]);
        expect(await namesOf({ limit, node: "*", state: "NEW" })).toEqual(["a@here", "a@there", "c@here"]);
      }
    });

    it("due tells what is due on this node, and when the next row will be", async () => {
      expect(await images.due(10)).toMatchObject({ rows: [], nextDueAtMs: null });
      await register(rows.imagesOf("there"), "elsewhere");
      await register(images, "resting", { target: "STORED" });
      await walkedTo(images, "resting", "STORED");
      const held = await claimedIn(images, "held", "DOWNLOADING");
      await register(images, "first");
      await register(images, "second");

      const { rows: due, nextDueAtMs } = await images.due(10);
      expect(due.map(({ name }) => name)).toEqual(["first", "second"]);
      expect(due[0]).toMatchObject({ state: "NEW", target: "ACTIVE", isSuspect: false });
      expect(nextDueAtMs).toBe((await loaded(images, held.name)).dueAtMs);
    });

    it("due never gives more than asked for, and says now while there are more", async () => {
      for (const name of ["a", "b", "c"]) await register(images, name);
      const { rows: due, nextDueAtMs, nowMs } = await images.due(2);
      expect(due).toHaveLength(2);
      expect(nextDueAtMs).toBe(nowMs);
    });

    it("due marks a row whose lease ran out as a suspect", async () => {
      await claimedIn(images, "poison", "DOWNLOADING", { leaseMs: 1 });
      await expired(images, "poison");
      expect((await images.due(1)).rows).toMatchObject([{ name: "poison", isSuspect: true }]);
    });
  });
}
