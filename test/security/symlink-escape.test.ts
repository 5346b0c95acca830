import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archive, directory, entry, hardlink, symlink } from "../support/archive-builder.ts";
import { describeTree } from "../support/tree-compare.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

describe("a symbolic link out of the tree", () => {
  test("is kept verbatim, and an absolute path through it stays in the tree", async () => {
    const { outside } = unpacking();
    const hostile = archive(symlink("escape", outside), entry({ name: "escape/secret" }, "owned"));
    const error = await unpacking().refusal(hostile);
    expect(error.code).toBe("UNSAFE_ARCHIVE");
    expect(error.message).toContain('"escape/secret"');
  });

  test("by .. is clamped to the tree's root when it is written through", async () => {
    const before = describeTree(unpacking().outside);
    const hostile = archive(symlink("up", "../../../../.."), entry({ name: "up/outside/secret" }, "owned"));
    const tree = await unpacking().tree(hostile);
    expect(readFileSync(join(tree, "outside", "secret"), "utf8")).toBe("owned");
    expect(readlinkSync(join(tree, "up"))).toBe("../../../../..");
    expect(describeTree(unpacking().outside)).toEqual(before);
  });

  test("is replaced, never followed, by a file of its name", async () => {
    const secret = join(unpacking().outside, "secret");
    const before = describeTree(unpacking().outside);
    const tree = await unpacking().tree(archive(symlink("x", secret), entry({ name: "x", mode: 0o777 }, "owned")));
    expect(readFileSync(join(tree, "x"), "utf8")).toBe("owned");
    expect(describeTree(unpacking().outside)).toEqual(before);
  });

  test("is replaced, never followed, by a directory of its name, and what is below it goes there", async () => {
    const { outside } = unpacking();
    const before = describeTree(outside);
    const hostile = archive(
      symlink("d", outside),
      directory("d", { mode: 0o700 }),
      entry({ name: "d/secret" }, "owned"),
    );
    const found = describeTree(await unpacking().tree(hostile));
    expect(found.get("d")).toMatch(/^40700/);
    expect(found.has("d/secret")).toBe(true);
    expect(describeTree(outside)).toEqual(before);
  });

  test("that a cached directory is swapped for is not written through", async () => {
    const { outside } = unpacking();
    const before = describeTree(outside);
    const hostile = archive(
      directory("a"),
      directory("a/b"),
      entry({ name: "a/b/1" }, "1"),
      entry({ name: "a" }, "not a directory any more"),
      symlink("a", outside),
      entry({ name: "a/b/2" }, "owned"),
    );
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
    expect(describeTree(outside)).toEqual(before);
  });

  test("through a chain of links is not left by", async () => {
    const { outside } = unpacking();
    const hostile = archive(
      symlink("one", "two"),
      symlink("two", outside),
      symlink("three", "one/.."),
      entry({ name: "three/outside/secret" }, "owned"),
    );
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });

  test("to itself, and to /proc's magic links, is refused as a parent", async () => {
    const loop = archive(symlink("loop", "loop"), entry({ name: "loop/x" }, "owned"));
    expect(await unpacking().refusalCode(loop)).toBe("UNSAFE_ARCHIVE");
    const magic = archive(symlink("magic", "/proc/self/root"), entry({ name: "magic/etc/x" }, "owned"));
    expect(await unpacking().refusalCode(magic)).toBe("UNSAFE_ARCHIVE");
  });

  test("gets its own owner and times, not what it leads to", async () => {
    const secret = join(unpacking().outside, "secret");
    const before = describeTree(unpacking().outside);
    const found = await unpacking().found(archive(symlink("x", secret, { uid: 5, gid: 6, mtime: 7 })));
    expect(found.get("x")).toMatch(/^120777 5:6 7000000000 -> /);
    expect(describeTree(unpacking().outside)).toEqual(before);
  });

  test("as a hard link's parent does not lead out", async () => {
    const { outside } = unpacking();
    const hostile = archive(symlink("escape", outside), hardlink("mine", "escape/secret"));
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });
});

test("a symbolic link within the tree is a parent like any other", async () => {
  const tree = await unpacking().tree(
    archive(
      directory("usr/lib"),
      symlink("lib", "usr/lib"),
      symlink("abs", "/usr"),
      entry({ name: "lib/a" }, "1"),
      entry({ name: "abs/lib/b" }, "2"),
    ),
  );
  expect(readFileSync(join(tree, "usr/lib/a"), "utf8")).toBe("1");
  expect(readFileSync(join(tree, "usr/lib/b"), "utf8")).toBe("2");
});
