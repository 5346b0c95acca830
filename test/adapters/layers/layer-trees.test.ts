import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import type { StagedTree } from "../../../core/ports/work-rows.ts";
import { archive, directory, entry } from "../../support/archive-builder.ts";
import { diffIdOf, makeLayer } from "../../support/layers.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();
const image = archive(directory("./", { mode: 0o751 }), entry({ name: "f" }, "contents"));

function paths(staged: StagedTree): { readonly staged: string; readonly published: string } {
  const { root } = unpacking();
  return { staged: join(root, "tmp", staged.name), published: join(root, "images", hexOf(staged.diffId)) };
}

function unfinished(): string[] {
  return readdirSync(join(unpacking().root, "tmp"));
}

describe("publish", () => {
  test("makes the staged tree appear under its diffId, and is right when repeated", async () => {
    const { trees } = unpacking();
    const staged = await unpacking().unpack(unpacking().store(image));
    expect(await trees.has(staged.diffId)).toBe(false);
    for (let time = 0; time < 3; time++) expect(await trees.publish(staged, false)).toBe(true);
    const { published } = paths(staged);
    expect(lstatSync(published, { bigint: true }).ino.toString()).toBe(staged.inode);
    expect(lstatSync(published).mode & 0o7777).toBe(0o751);
    expect(await trees.has(staged.diffId)).toBe(true);
    expect(await trees.list()).toEqual([staged.diffId]);
    expect(unfinished()).toEqual([]);
  });

  test("moves a tree aside that nobody vouches for", async () => {
    const { trees, root } = unpacking();
    const staged = await unpacking().unpack(unpacking().store(image));
    const stray = paths(staged).published;
    mkdirSync(stray);
    writeFileSync(join(stray, "stray"), "");
    expect(await trees.publish(staged, false)).toBe(true);
    expect(readdirSync(join(root, "images", hexOf(staged.diffId)))).toEqual(["f"]);
    expect(unfinished()).toEqual([expect.stringMatching(`^replaced\\.${hexOf(staged.diffId)}\\.`)]);
  });

  test("takes an empty directory in the way for a stray as well", async () => {
    const staged = await unpacking().unpack(unpacking().store(image));
    mkdirSync(paths(staged).published);
    expect(await unpacking().trees.publish(staged, false)).toBe(true);
    expect(readdirSync(paths(staged).published)).toEqual(["f"]);
  });

  test("keeps a tree that is vouched for, and drops the staged one", async () => {
    const { trees } = unpacking();
    const first = await unpacking().unpack(unpacking().store(image));
    await trees.publish(first, false);
    const second = await unpacking().unpack(unpacking().store(image));
    expect(second.diffId).toBe(first.diffId);
    expect(await trees.publish(second, true)).toBe(true);
    expect(lstatSync(paths(first).published, { bigint: true }).ino.toString()).toBe(first.inode);
    expect(unfinished()).toEqual([]);
    // the crash came after it was dropped
    expect(await trees.publish(second, true)).toBe(true);
  });

  test("says false when the staged tree is nowhere, or another one lies there", async () => {
    const { trees } = unpacking();
    const staged = await unpacking().unpack(unpacking().store(image));
    renameSync(paths(staged).staged, join(unpacking().home, "elsewhere"));
    expect(await trees.publish(staged, false)).toBe(false);
    mkdirSync(paths(staged).staged);
    expect(await trees.publish(staged, false)).toBe(false);
    mkdirSync(paths(staged).published);
    expect(await trees.publish(staged, false)).toBe(false);
    expect(existsSync(paths(staged).published)).toBe(true);
  });
});

describe("remove, discard and the lists", () => {
  test("remove takes a published tree away, and nothing where there is none", async () => {
    const { trees, root } = unpacking();
    const { diffId } = makeLayer(root, "layer", { "a/b/c": "x" });
    makeLayer(root, "other", {});
    await trees.remove(diffId);
    await trees.remove(diffId);
    expect(await trees.list()).toEqual([diffIdOf("other")]);
    expect(unfinished().map((name) => name.split(".")[0])).toEqual(["removed"]);
  });

  test("discard deletes what is unfinished, by name", async () => {
    const { trees } = unpacking();
    const { name } = await unpacking().unpack(unpacking().store(image));
    expect(await trees.listUnfinished()).toEqual([name]);
    await trees.discard(name);
    await trees.discard(name);
    expect(await trees.listUnfinished()).toEqual([]);
  });

  test("list passes over names that are no digests", async () => {
    mkdirSync(join(unpacking().root, "images", "lost+found"));
    expect(await unpacking().trees.list()).toEqual([]);
  });
});
