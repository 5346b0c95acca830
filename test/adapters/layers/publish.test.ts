import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Publication, publishTree } from "../../../adapters/layers/publish.ts";

describe("publishTree, many at once for one staged tree", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "imgstore-test-"));
    for (const folder of ["tmp", "images"]) mkdirSync(join(directory, folder));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const tree = (...path: string[]): string => {
    const root = join(directory, ...path);
    mkdirSync(root);
    writeFileSync(join(root, "content"), path.join("/"));
    return root;
  };

  const publication = (stagedPath: string): Publication => ({
    stagedPath,
    inode: statSync(stagedPath, { bigint: true }).ino.toString(),
    publishedPath: join(directory, "images", "x"),
    replacedPath: join(directory, "tmp", "replaced.x"),
    isVouchedFor: false,
  });

  const published = (): string => statSync(join(directory, "images", "x"), { bigint: true }).ino.toString();

  it("leaves that tree under its name, and none of the others takes it away", async () => {
    const wanted = publication(tree("tmp", "1.1.0"));
    const answers = await Promise.all(Array.from({ length: 16 }, () => publishTree(wanted)));
    expect(answers).toEqual(Array.from({ length: 16 }, () => true));
    expect(published()).toBe(wanted.inode);
    expect(readdirSync(join(directory, "tmp"))).toEqual([]);
  });

  it("takes the place of a stray tree, once", async () => {
    const stray = statSync(tree("images", "x"), { bigint: true }).ino.toString();
    const wanted = publication(tree("tmp", "1.1.0"));
    const answers = await Promise.all(Array.from({ length: 16 }, () => publishTree(wanted)));
    expect(answers).toEqual(Array.from({ length: 16 }, () => true));
    expect(published()).toBe(wanted.inode);
    expect(readdirSync(join(directory, "tmp"))).toEqual(["replaced.x"]);
    expect(statSync(join(directory, "tmp", "replaced.x"), { bigint: true }).ino.toString()).toBe(stray);
  });
});
