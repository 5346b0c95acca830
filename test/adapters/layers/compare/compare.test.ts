import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Digest, hexOf } from "../../../../core/digests.ts";
import { DEFAULT_LIMITS } from "../../../../core/limits.ts";
import type { LayerComparison } from "../../../../core/ports/layer-comparison.ts";
import { archive, entry } from "../../../support/archive-builder.ts";
import { addAcls, makeEverything, makeSparseFiles } from "../../../support/everything.ts";
import { setFileXattr } from "../../../support/file-xattr.ts";
import { useUnpacking } from "../../../support/use-unpacking.ts";

const unpacking = useUnpacking();
const LIMITS = { ...DEFAULT_LIMITS, maxUnpackedBytes: 2 ** 50, maxExpansion: 2 ** 40 };

interface Published {
  readonly blob: Digest;
  readonly diffId: Digest;
  readonly path: string;
}

/** Packs a directory as a person would, and publishes what it unpacks to. */
async function published(make: (source: string) => void): Promise<Published> {
  const { home, root, trees } = unpacking();
  const [source, packed] = [join(home, "source"), join(home, "packed.tar")];
  mkdirSync(source);
  make(source);
  execFileSync("tar", ["--format=pax", "--xattrs", "--xattrs-include=*", "--acls", "-S", "-cf", packed, "."], {
    cwd: source,
  });
  const blob = unpacking().store(readFileSync(packed));
  const staged = await unpacking().unpack(blob, { limits: LIMITS });
  await trees.publish(staged, false);
  return { blob, diffId: staged.diffId, path: join(root, "images", hexOf(staged.diffId)) };
}

function compared({ blob, diffId }: Published, signal = new AbortController().signal): Promise<LayerComparison> {
  return unpacking().trees.compare({ blob, diffId, limits: LIMITS, signal });
}

const unfinished = (): string[] => readdirSync(join(unpacking().root, "tmp"));

describe("compare", () => {
  test("finds a tree of everything equal, and leaves nothing", async () => {
    const tree = await published((source) => {
      makeEverything(source);
      addAcls(source);
      makeSparseFiles(join(source, "sparse"));
    });
    expect(await compared(tree)).toEqual({ kind: "equal" });
    expect(unfinished()).toEqual([]);
  });

  test("finds what an archive only implies or hides equal, whenever that was unpacked", async () => {
    const implied = archive(
      entry({ name: "a/b/f" }, "f"),
      entry({ name: "a/.wh.gone" }),
      entry({ name: "o/.wh..wh..opq" }),
    );
    const blob = unpacking().store(implied);
    const staged = await unpacking().unpack(blob);
    await unpacking().trees.publish(staged, false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const path = join(unpacking().root, "images", hexOf(staged.diffId));
    expect(await compared({ blob, diffId: staged.diffId, path })).toEqual({ kind: "equal" });
    rmSync(join(path, "a", "gone"));
    expect(await compared({ blob, diffId: staged.diffId, path })).toMatchObject({ kind: "different" });
  });

  test("does not read holes: a file larger than any disk is compared at once", async () => {
    const tree = await published((source) => {
      writeFileSync(join(source, "huge"), "beginning");
      truncateSync(join(source, "huge"), 2 ** 42);
    });
    expect(await compared(tree)).toEqual({ kind: "equal" });
    truncateSync(join(tree.path, "huge"), 2 ** 42 - 1);
    expect(await compared(tree)).toMatchObject({ kind: "different", count: 1 });
  });

  test("goes down deep directories", async () => {
    const path = Array.from({ length: 250 }, () => "d").join("/");
    const tree = await published((source) => {
      mkdirSync(join(source, path), { recursive: true });
      writeFileSync(join(source, path, "f"), "deep");
    });
    expect(await compared(tree)).toEqual({ kind: "equal" });
    writeFileSync(join(tree.path, path, "f"), "DEEP");
    expect(await compared(tree)).toMatchObject({ first: [expect.stringContaining("its contents differ")] });
  });

  test("says that a tree is gone which has no name, and what another archive makes of it", async () => {
    const tree = await published((source) => writeFileSync(join(source, "f"), "contents"));
    const other = unpacking().store(Buffer.alloc(10_240));
    expect(await compared({ ...tree, blob: other }).catch((error: unknown) => error)).toMatchObject({
      code: "EMPTY_ARCHIVE",
    });
    rmSync(tree.path, { recursive: true });
    expect(await compared(tree)).toEqual({ kind: "gone" });
    expect(unfinished()).toEqual([]);
  });

  test("ends when it is asked to, and leaves nothing", async () => {
    const tree = await published((source) => writeFileSync(join(source, "f"), "contents"));
    await expect(compared(tree, AbortSignal.abort())).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(unfinished()).toEqual([]);
  });
});

/** What a disk, a bug or a person may do to a published tree, and what is said of it. */
const DAMAGES: readonly (readonly [what: string, damage: (path: string) => void, said: RegExp])[] = [
  [
    "a byte",
    (path) => keepTimes(join(path, "f"), () => writeFileSync(join(path, "f"), "contentz")),
    /^"f": its contents differ$/,
  ],
  ["a length", (path) => truncateSync(join(path, "f"), 3), /^"f": .*its size is 3 instead of 8/],
  ["a mode", (path) => chmodSync(join(path, "f"), 0o4755), /^"f": its mode is 4755 instead of 644$/],
  ["an owner", (path) => chownSync(join(path, "f"), 7, 8), /^"f": its owner is 7:8 instead of 0:0$/],
  ["a time", (path) => utimesSync(join(path, "d"), 1, 2), /^"d": its modification time is 2\.000000000 instead of/],
  ["the root's mode", (path) => chmodSync(path, 0o700), /^"\.": its mode is 700 instead of 755$/],
  [
    "an attribute",
    (path) => setFileXattr(join(path, "f"), "user.kept", "no"),
    /^"f": its attribute "user.kept" differs$/,
  ],
  [
    "one attribute more",
    (path) => setFileXattr(join(path, "f"), "user.new", "1"),
    /^"f": its attribute "user.new" differs$/,
  ],
  ["a file less", (path) => keepTimes(join(path, "d"), () => rmSync(join(path, "d", "g"))), /^"d\/g": it is missing$/],
  [
    "a file more",
    (path) => keepTimes(join(path, "d"), () => writeFileSync(join(path, "d", "new"), "")),
    /^"d\/new": it is not in the archive$/,
  ],
  [
    "a target",
    (path) =>
      keepTimes(path, () => {
        rmSync(join(path, "l"));
        symlinkSync("elsewhere", join(path, "l"));
      }),
    /^"l": .*its target is "elsewhere" instead of "f"/,
  ],
  [
    "a type",
    (path) =>
      keepTimes(path, () => {
        rmSync(join(path, "l"));
        mkdirSync(join(path, "l"));
      }),
    /^"l": it is a directory instead of a symbolic link$/,
  ],
  [
    "a device",
    (path) =>
      keepTimes(path, () => {
        rmSync(join(path, "null"));
        execFileSync("mknod", [join(path, "null"), "c", "1", "5"]);
      }),
    /^"null": .*its device is 1:5 instead of 1:3/,
  ],
  [
    "a link that is a copy",
    (path) =>
      keepTimes(path, () => {
        const { mtime, atime } = statSync(join(path, "h2"));
        rmSync(join(path, "h2"));
        writeFileSync(join(path, "h2"), "linked");
        utimesSync(join(path, "h2"), atime, mtime);
      }),
    /^"h[12]?": it is linked to other names$/,
  ],
  [
    "a copy that is a link",
    (path) =>
      keepTimes(path, () => {
        rmSync(join(path, "same"));
        linkSync(join(path, "h1"), join(path, "same"));
      }),
    /it is linked to other names/,
  ],
];

function keepTimes(path: string, act: () => void): void {
  const { mtimeNs } = statSync(path, { bigint: true });
  act();
  execFileSync("touch", [
    "-d",
    `@${Number(mtimeNs / 1_000_000_000n)}.${String(mtimeNs % 1_000_000_000n).padStart(9, "0")}`,
    path,
  ]);
}

describe("compare finds", () => {
  test.each(DAMAGES)("%s", async (_, damage, said) => {
    const tree = await published((source) => {
      for (const name of ["f", "h1", "same"]) writeFileSync(join(source, name), name === "f" ? "contents" : "linked");
      linkSync(join(source, "h1"), join(source, "h2"));
      mkdirSync(join(source, "d"));
      writeFileSync(join(source, "d", "g"), "g");
      symlinkSync("f", join(source, "l"));
      setFileXattr(join(source, "f"), "user.kept", "yes");
      execFileSync("mknod", [join(source, "null"), "c", "1", "3"]);
    });
    damage(tree.path);
    const found = await compared(tree);
    if (found.kind !== "different") throw new Error(`it was found ${found.kind}`);
    expect(found.first).toContainEqual(expect.stringMatching(said));
    expect(found.count).toBe(found.first.length);
  });
});
