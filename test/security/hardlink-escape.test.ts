import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archive, directory, entry, hardlink, symlink } from "../support/archive-builder.ts";
import { describeTree } from "../support/tree-compare.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

describe("a hard link", () => {
  test("to an absolute path is looked for in the tree only", async () => {
    const secret = join(unpacking().outside, "secret");
    expect(await unpacking().refusalCode(archive(hardlink("mine", secret)))).toBe("UNSAFE_ARCHIVE");
    expect(await unpacking().refusalCode(archive(hardlink("mine", "/etc/passwd")))).toBe("UNSAFE_ARCHIVE");
  });

  test("to a symbolic link is one to the link, and a file that takes its name leaves what the link leads to alone", async () => {
    const secret = join(unpacking().outside, "secret");
    const before = describeTree(unpacking().outside);
    const hostile = archive(
      symlink("link", secret),
      hardlink("mine", "link", { mode: 0o777 }),
      entry({ name: "mine", mode: 0o666 }, "owned"),
    );
    const tree = await unpacking().tree(hostile);
    expect(readFileSync(join(tree, "mine"), "utf8")).toBe("owned");
    expect(lstatSync(join(tree, "link")).isSymbolicLink()).toBe(true);
    expect(describeTree(unpacking().outside)).toEqual(before);
  });

  test("that is overwritten leaves its target's contents alone", async () => {
    const tree = await unpacking().tree(
      archive(entry({ name: "a" }, "first"), hardlink("b", "a"), entry({ name: "b" }, "second")),
    );
    expect(readFileSync(join(tree, "a"), "utf8")).toBe("first");
    expect(readFileSync(join(tree, "b"), "utf8")).toBe("second");
  });

  test("does not give its target the attributes of its own header", async () => {
    const found = await unpacking().found(
      archive(entry({ name: "a", mode: 0o600, mtime: 5 }, "x"), hardlink("b", "a", { mode: 0o4777, uid: 9, mtime: 6 })),
    );
    expect(found.get("a")).toMatch(/^100600 0:0 5000000000/);
    expect(found.get("b")).toBe(found.get("a"));
  });

  test("to something that only comes after it is refused", async () => {
    const error = await unpacking().refusal(archive(hardlink("b", "a"), entry({ name: "a" }, "x")));
    expect(error.code).toBe("UNSAFE_ARCHIVE");
    expect(error.message).toContain('"a", which it links to, is not before it');
  });

  test("to a directory, to the root, or to nothing is refused", async () => {
    for (const link of ["d", ".", "/", "d/none", "none/d"]) {
      expect(await unpacking().refusalCode(archive(directory("d"), hardlink("b", link)))).toBe("UNSAFE_ARCHIVE");
    }
    expect(await unpacking().refusalCode(archive(directory("d"), hardlink("b", "")))).toBe("CORRUPT_ARCHIVE");
  });

  test("to itself changes nothing", async () => {
    const found = await unpacking().found(archive(entry({ name: "a" }, "x"), hardlink("a", "./a")));
    expect(found.get("a")).toMatch(/^100644 0:0 0 1 /);
  });

  test("into the directory whose name it takes is refused", async () => {
    const hostile = archive(directory("d"), entry({ name: "d/x" }, "x"), hardlink("d", "d/x"));
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });
});
