import { describe, expect, test } from "vitest";
import { type DiskEvent, decodeEvents, encodeEvent } from "../../../scripts/faults/power-cuts/disk-log.ts";
import { choosePowerCuts, type PowerCut, remainsOf } from "../../../scripts/faults/power-cuts/power-cut.ts";
import { encodeMark, type Mark, promisesOf, type ToldImage } from "../../../scripts/faults/power-cuts/promises.ts";

const write = (offset: number): DiskEvent => ({ kind: "write", offset, data: Buffer.alloc(4096, offset) });
const flush: DiskEvent = { kind: "flush" };
const log = [write(0), flush, write(1), write(2), flush, write(3), write(4), write(5), flush];
const cut = (wanted: Partial<PowerCut>): PowerCut => ({
  at: 8,
  seed: 1,
  kept: 1,
  isTorn: false,
  ignoredFlushes: 0,
  ...wanted,
});
const offsets = (events: readonly DiskEvent[], wanted: Partial<PowerCut>): number[] =>
  remainsOf(events, cut(wanted)).writes.map(({ offset }) => offset);

describe("remainsOf", () => {
  test("has everything before the last flush, and of the rest what the disk happened to write", () => {
    expect(remainsOf(log, cut({})).flushedEvents).toBe(4);
    expect(offsets(log, {})).toEqual([3, 4, 5]);
    expect(offsets(log, { at: 7 })).toEqual([3, 4]);
    expect(offsets(log, { kept: 0 })).toEqual([]);
  });

  test("loses any of the writes that were not flushed, the first ones too", () => {
    const seen = new Set(Array.from({ length: 100 }, (_, seed) => offsets(log, { kept: 0.5, seed }).join()));
    expect([...seen].toSorted()).toEqual(["", "3", "3,4", "3,4,5", "3,5", "4", "4,5", "5"]);
  });

  test("of a disk that ignores flushes may lose what came before them", () => {
    expect(remainsOf(log, cut({ ignoredFlushes: 1 })).flushedEvents).toBe(1);
    expect(offsets(log, { ignoredFlushes: 1 })).toEqual([1, 2, 3, 4, 5]);
  });

  test("has a torn write up to some sector", () => {
    const writes = Array.from({ length: 100 }, (_, seed) => remainsOf(log, cut({ seed, isTorn: true })).writes).flat();
    const lengths = new Set(writes.map(({ data }) => data.length));
    expect([...lengths].every((length) => length % 512 === 0)).toBe(true);
    expect(lengths.size).toBeGreaterThan(4);
  });
});

test("choosePowerCuts: in the order of the log, and the same for the same seed", () => {
  const chosen = choosePowerCuts(log, { count: 9, seed: 3 });
  expect(chosen.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(choosePowerCuts(log, { count: 9, seed: 3 })).toEqual(chosen);
});

test("decodeEvents reads what encodeEvent wrote, and leaves out what was being appended", () => {
  const events: DiskEvent[] = [write(7), flush, { kind: "mark", text: "told" }];
  const bytes = Buffer.concat(events.flatMap(encodeEvent));
  expect(decodeEvents(bytes)).toEqual(events);
  expect(decodeEvents(bytes.subarray(0, -1))).toEqual(events.slice(0, 2));
});

describe("promisesOf", () => {
  const image = (name: string, createdAtMs: number): ToldImage => ({ name, createdAtMs, state: "STORED", version: 6 });
  const file = { name: "a", path: "file", text: "text" };
  const marks = (...written: Mark[]): DiskEvent[] => written.map((mark) => ({ kind: "mark", text: encodeMark(mark) }));
  const begun = marks(
    { kind: "told", images: [image("a", 1), image("b", 2)], database: null },
    { kind: "synced", file },
  );
  const remove = marks({ kind: "asks", takes: { name: "a", what: "image" } });

  test("keeps what was told and synced until somebody asks for it to be taken away", () => {
    expect(promisesOf(begun)).toMatchObject({ images: [image("a", 1), image("b", 2)], files: [file], gone: [] });
    expect(promisesOf([...begun, ...remove])).toMatchObject({ images: [image("b", 2)], files: [], gone: [] });
  });

  test("keeps it away once he was told, also when the name is used again", () => {
    const told = marks({ kind: "told", images: [image("a", 3), image("b", 2)], database: null });
    expect(promisesOf([...begun, ...remove, ...told])).toMatchObject({
      images: [image("a", 3), image("b", 2)],
      gone: [image("a", 1)],
      goneFiles: [file],
    });
  });

  test("keeps the image when only what was written is taken away", () => {
    const drop = marks({ kind: "asks", takes: { name: "a", what: "upper" } });
    expect(promisesOf([...begun, ...drop])).toMatchObject({ images: [image("a", 1), image("b", 2)], files: [] });
  });
});
