import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archive, directory, entry, header, symlink } from "../support/archive-builder.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

const KINDS = {
  file: entry({ name: "x", mtime: 1 }, "file"),
  symlink: symlink("x", "target", { mtime: 2 }),
  fifo: header({ name: "x", type: "6", mtime: 3 }),
  device: header({ name: "x", type: "3", major: 1, minor: 3, mtime: 4 }),
  directory: directory("x/", { mtime: 5, uid: 3 }),
};

describe("of entries with one name the last one counts", () => {
  for (const [first, before] of Object.entries(KINDS)) {
    for (const [last, after] of Object.entries(KINDS)) {
      test(`a ${last} over a ${first}`, async () => {
        const alone = await unpacking().found(archive(after));
        expect(await unpacking().found(archive(before, after))).toEqual(alone);
      });
    }
  }

  test("a file over a directory with something in it, however deep", async () => {
    const deep = Array.from({ length: 100 }, (_, index) => directory(`x/${"d/".repeat(index)}`));
    const found = await unpacking().found(archive(...deep, entry({ name: "x/f" }, "1"), entry({ name: "x" }, "2")));
    expect([...found.keys()]).toEqual(["", "x"]);
  });

  test("a directory over a directory keeps what is in it", async () => {
    const found = await unpacking().found(
      archive(directory("x", { mode: 0o777 }), entry({ name: "x/f" }, "1"), directory("x", { mode: 0o711, mtime: 9 })),
    );
    expect(found.has("x/f")).toBe(true);
    expect(found.get("x")).toMatch(/^40711 0:0 9000000000/);
  });

  test("something below a file is refused by the name of the file", async () => {
    const error = await unpacking().refusal(archive(entry({ name: "f" }, "1"), entry({ name: "f/a/b" }, "2")));
    expect(error.code).toBe("UNSAFE_ARCHIVE");
    expect(error.message).toContain('"f", below which it lies, is no directory');
  });

  test("what follows a replaced link lands in what replaced it", async () => {
    const tree = await unpacking().tree(
      archive(
        directory("real"),
        symlink("d", "real"),
        entry({ name: "d/one" }, "1"),
        directory("d"),
        entry({ name: "d/two" }, "2"),
      ),
    );
    expect(readFileSync(join(tree, "real/one"), "utf8")).toBe("1");
    expect(readFileSync(join(tree, "d/two"), "utf8")).toBe("2");
  });
});
