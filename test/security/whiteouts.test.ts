import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archive, directory, entry, hardlink, symlink } from "../support/archive-builder.ts";
import { readFileXattr } from "../support/file-xattr.ts";
import { describeTree } from "../support/tree-compare.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();
const WHITEOUT = /^20000 0:0 \d+ device 0$/;
const OPAQUE = "trusted.overlay.opaque";

describe("whiteouts", () => {
  test("become overlayfs's, and are not there by their own names", async () => {
    const found = await unpacking().found(
      archive(directory("d"), entry({ name: "d/.wh.gone" }), entry({ name: ".wh.too" })),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "d", "d/gone", "too"]);
    expect(found.get("d/gone")).toMatch(WHITEOUT);
    expect(found.get("too")).toMatch(WHITEOUT);
  });

  test("do not hide what their own layer has, in either order", async () => {
    const [file, mark] = [entry({ name: "d/f" }, "new"), entry({ name: "d/.wh.f" })];
    for (const pieces of [
      [file, mark],
      [mark, file],
    ]) {
      const found = await unpacking().found(archive(...pieces));
      expect(found.get("d/f")).toMatch(/^100644 0:0 0 3 /);
    }
  });

  test("of a directory that their own layer makes anew make it opaque, in either order", async () => {
    const [made, mark] = [directory("d"), entry({ name: ".wh.d" })];
    for (const pieces of [
      [made, mark],
      [mark, made],
      [mark, entry({ name: "d/f" }, "implied")],
    ]) {
      const tree = await unpacking().tree(archive(...pieces));
      expect(readFileXattr(join(tree, "d"), OPAQUE)).toBe("y");
    }
  });

  test("below what became a file or a dangling link hide nothing, as that hides all: umoci writes them so", async () => {
    for (const piece of [entry({ name: "d" }, "file"), symlink("d", "nowhere")]) {
      for (const mark of ["d/.wh.a", "d/e/.wh.a", "d/.wh..wh..opq"]) {
        const found = await unpacking().found(archive(piece, entry({ name: mark })));
        expect([...found.keys()]).toEqual(["", "d"]);
      }
    }
  });

  test("opaque markers mark their directory, before or after it and its children", async () => {
    const [made, mark, child] = [directory("d"), entry({ name: "d/.wh..wh..opq" }), entry({ name: "d/f" }, "x")];
    for (const pieces of [
      [made, mark, child],
      [mark, made, child],
      [child, mark],
      [made, child, mark],
    ]) {
      const tree = await unpacking().tree(archive(...pieces));
      expect(readFileXattr(join(tree, "d"), OPAQUE)).toBe("y");
      expect((await unpacking().found(archive(...pieces))).has("d/.wh..wh..opq")).toBe(false);
    }
  });

  test("an opaque marker at the top marks the root", async () => {
    expect(readFileXattr(await unpacking().tree(archive(entry({ name: ".wh..wh..opq" }))), OPAQUE)).toBe("y");
  });

  test.each([".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."])(
    "of nothing are refused: %s",
    async (name) => {
      expect(await unpacking().refusalCode(archive(directory("d"), entry({ name })))).toBe("UNSAFE_ARCHIVE");
    },
  );

  test("cannot be parents", async () => {
    expect(await unpacking().refusalCode(archive(entry({ name: ".wh.d/f" }, "x")))).toBe("UNSAFE_ARCHIVE");
    expect(await unpacking().refusalCode(archive(directory(".wh..wh..opq"), entry({ name: ".wh..wh..opq/f" })))).toBe(
      "UNSAFE_ARCHIVE",
    );
  });

  test("that are directories, links or devices are refused", async () => {
    expect(await unpacking().refusalCode(archive(directory(".wh.d")))).toBe("UNSAFE_ARCHIVE");
    expect(await unpacking().refusalCode(archive(symlink(".wh.d", "/etc")))).toBe("UNSAFE_ARCHIVE");
  });

  test("as hard links of one another, as AUFS made them, are whiteouts", async () => {
    const found = await unpacking().found(archive(entry({ name: ".wh.a" }), hardlink(".wh.b", ".wh.a")));
    expect(found.get("b")).toMatch(WHITEOUT);
  });

  test("AUFS's own files are left out", async () => {
    const found = await unpacking().found(
      archive(entry({ name: ".wh..wh.aufs" }), directory(".wh..wh.plnk"), entry({ name: ".wh..wh.plnk/1.2" }, "x")),
    );
    expect([...found.keys()]).toEqual([""]);
  });

  test("do not reach through a symbolic link out of the tree", async () => {
    const hostile = archive(
      symlink("d", unpacking().outside),
      entry({ name: "d/.wh.secret" }),
      entry({ name: "d/.wh..wh..opq" }),
    );
    const blob = unpacking().store(hostile);
    const before = unpacking().outsideNow();
    const { name } = await unpacking().unpack(blob);
    expect(unpacking().outsideNow()).toBe(before);
    expect([...describeTree(join(unpacking().root, "tmp", name)).keys()]).toEqual(["", "d"]);
  });
});
