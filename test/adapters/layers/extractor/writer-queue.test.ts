import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { takeNewborn } from "../../../../adapters/layers/extractor/newborn.ts";
import { createSlotMemory, PlainSlots } from "../../../../adapters/layers/extractor/plain-slots.ts";
import { makeStagingRoot } from "../../../../adapters/layers/extractor/staging-root.ts";
import { startWriter } from "../../../../adapters/layers/extractor/start-writer.ts";
import type { WriterQueue } from "../../../../adapters/layers/extractor/writer-queue.ts";
import { NO_QUEUE } from "../../../../adapters/layers/tree/file-queue.ts";
import { TreeWriter } from "../../../../adapters/layers/tree/tree-writer.ts";
import { closeFile } from "../../../../adapters/linux/file-calls.ts";
import { cPath, openDirectoryAt, WORKING_DIRECTORY } from "../../../../adapters/linux/openat.ts";
import { Budget } from "../../../../core/archive/budget.ts";
import { EntryParser } from "../../../../core/archive/entries.ts";
import { ImgstoreError } from "../../../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../../../core/limits.ts";
import { archive, directory, entry, hardlink, symlink } from "../../../support/archive-builder.ts";
import { describeTree } from "../../../support/tree-compare.ts";

/** Few names, so that entries meet: in directories, through symbolic links, and as whiteouts. */
const name = fc.constantFrom("a", "b", "a/a", "a/b", "b/a", "a/b/c", "b/a/c", ".wh.a", "a/.wh.b", "a/.wh..wh..opq");
const target = fc.constantFrom("a", "b", "a/a", "/b", "..", "a/b");
const member = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(name, fc.nat(3000)).map(([path, size]) => entry({ name: path }, "x".repeat(size))) },
  { weight: 2, arbitrary: name.map((path) => directory(path)) },
  { weight: 2, arbitrary: fc.tuple(name, target).map(([path, link]) => symlink(path, link)) },
  { weight: 2, arbitrary: fc.tuple(name, target).map(([path, link]) => hardlink(path, link)) },
);

/** What becomes of an archive: the tree, or the error's code. */
async function outcome(bytes: Uint8Array, hasWriter: boolean): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "imgstore-writer-"));
  const path = join(home, "tree");
  const { spill } = makeStagingRoot(path);
  const root = openDirectoryAt(WORKING_DIRECTORY, cPath(path));
  const memory = createSlotMemory();
  const slots = new PlainSlots(memory);
  const writer = hasWriter ? await servedWriter(memory, path) : null;
  const budget = new Budget(DEFAULT_LIMITS, () => bytes.length);
  const tree = new TreeWriter(root, { budget, newborn: takeNewborn(), spill, files: writer ?? NO_QUEUE });
  try {
    const parser = new EntryParser(tree, budget);
    for (let at = 0; at < bytes.length; ) {
      const slot = slots.take((position) => writer?.waitUntil(position));
      const piece = bytes.subarray(at, at + slot.length);
      slot.set(piece);
      parser.push(slot.subarray(0, piece.length));
      slots.used(writer?.position ?? 0);
      at += piece.length;
    }
    parser.finish();
    tree.finish();
    // when a whiteout was made says nothing
    return JSON.stringify([...describeTree(path)]).replaceAll(/"20000 0:0 \d+ device 0"/g, '"whiteout"');
  } catch (error) {
    if (error instanceof ImgstoreError) return error.code;
    throw error;
  } finally {
    writer?.drain();
    tree.close();
    writer?.exit();
    spill.close();
    closeFile(root);
    rmSync(home, { recursive: true });
  }
}

async function servedWriter(memory: SharedArrayBuffer, path: string): Promise<WriterQueue> {
  const writer = startWriter(memory, path);
  while (!writer.isServed) await setTimeout(1);
  return writer;
}

describe("WriterQueue", () => {
  test("makes the same tree, or the same refusal, of any order of entries as one thread does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 25 }), async (members) => {
        const bytes = archive(...members);
        expect(await outcome(bytes, true)).toBe(await outcome(bytes, false));
      }),
      { numRuns: 60 },
    );
  });

  test("fills its memory several times over without mixing contents up", async () => {
    const files = Array.from({ length: 3000 }, (_, i) =>
      entry({ name: `d${i % 40}/f${i}` }, String(i).repeat(i % 700)),
    );
    const large = entry({ name: "large" }, Buffer.alloc(9 * 2 ** 20, "0123456789"));
    const bytes = archive(...files, large, ...files.slice(0, 50));
    expect(await outcome(bytes, true)).toBe(await outcome(bytes, false));
  });
});
