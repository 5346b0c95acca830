import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../core/limits.ts";
import type { ArrivingTree } from "../../../core/ports/layer-trees.ts";
import { differences } from "../../../scripts/faults/audit/describe-tree.ts";
import { archive, entry } from "../../support/archive-builder.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();
const NAME = "7.7.0";

function begin(signal: AbortSignal = new AbortController().signal): { arriving: Promise<ArrivingTree>; path: string } {
  const path = join(unpacking().home, "partial");
  writeFileSync(path, "");
  const request = { location: path, name: NAME, limits: DEFAULT_LIMITS, signal };
  return { arriving: unpacking().trees.unpackArriving(request), path };
}

function staged(): string[] {
  return readdirSync(join(unpacking().root, "tmp"));
}

/** More than a thread of its own for files is worth. */
const files = Array.from({ length: 300 }, (_, i) => entry({ name: `d${i % 7}/f${i}` }, randomBytes(20_000)));

describe("unpackArriving", () => {
  test("makes of an archive that comes in pieces what unpack makes of it when it is whole", async () => {
    const stored = gzipSync(archive(...files), { level: 1 });
    const { arriving, path } = begin();
    const tree = await arriving;
    for (let at = 0; at < stored.length; at += 100_000) {
      appendFileSync(path, stored.subarray(at, at + 100_000));
      tree.arrived(Math.min(at + 100_000, stored.length), null);
    }
    const ours = await tree.finish(stored.length, () => {});
    const theirs = await unpacking().unpack(unpacking().store(stored));
    expect({ ...ours, name: "", inode: "" }).toEqual({ ...theirs, name: "", inode: "" });
    const tmp = join(unpacking().root, "tmp");
    expect(differences(join(tmp, ours.name), join(tmp, theirs.name))).toEqual([]);
  });

  test("reads nothing beyond what it was told of", async () => {
    const { arriving, path } = begin();
    const tree = await arriving;
    const right = archive(entry({ name: "right" }));
    // what a writer has written but not hashed yet is none of its business
    writeFileSync(path, Buffer.concat([right, Buffer.alloc(512, "x")]));
    tree.arrived(512, null);
    const { sizeBytes } = await tree.finish(right.length, () => {});
    expect(sizeBytes).toBe(0);
    expect(existsSync(join(unpacking().root, "tmp", NAME, "right"))).toBe(true);
  });

  test("an archive that ends too early is refused, and leaves nothing", async () => {
    const { arriving, path } = begin();
    const tree = await arriving;
    writeFileSync(path, archive(entry({ name: "f" }, "contents")).subarray(0, 700));
    await expect(tree.finish(700, () => {})).rejects.toMatchObject({ code: "CORRUPT_ARCHIVE" });
    expect(staged()).toEqual([]);
  });

  test("drop leaves nothing, whether it was under way, had failed or was whole", async () => {
    const whole = archive(entry({ name: "f" }));
    for (const bytes of [whole.subarray(0, 512), Buffer.alloc(1024, "junk"), whole]) {
      const { arriving, path } = begin();
      const tree = await arriving;
      writeFileSync(path, bytes);
      tree.arrived(bytes.length, null);
      if (bytes === whole) await tree.finish(bytes.length, () => {});
      await tree.drop();
      expect(staged()).toEqual([]);
    }
  });

  test("a signal stops it, and leaves nothing", async () => {
    const stop = new AbortController();
    const tree = await begin(stop.signal).arriving;
    stop.abort();
    await expect(tree.finish(0, () => {})).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(staged()).toEqual([]);
  });
});
