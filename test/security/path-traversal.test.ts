import { describe, expect, test } from "vitest";
import { archive, directory, entry, gnuLong, hardlink, pax, symlink } from "../support/archive-builder.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

const DOTTED = ["..", "../outside/secret", "a/../../outside/secret", "./../x", "/../x", "a/..", "a/b/../c", "a/../"];

describe("a name that contains .. is refused", () => {
  test.each(DOTTED)("as a file: %s", async (name) => {
    const error = await unpacking().refusal(archive(directory("a"), entry({ name }, "owned")));
    expect(error.code).toMatch(/^(UNSAFE|CORRUPT)_ARCHIVE$/);
    expect(error.message).toContain(name);
    expect(error.message).toContain("at byte 512");
  });

  test.each(DOTTED)("as a directory: %s", async (name) => {
    expect(await unpacking().refusalCode(archive(directory(name)))).toBe("UNSAFE_ARCHIVE");
  });

  test.each(DOTTED)("as a hard link's target: %s", async (link) => {
    expect(await unpacking().refusalCode(archive(directory("a"), hardlink("name", link)))).toBe("UNSAFE_ARCHIVE");
  });

  test("in a PAX header", async () => {
    const hostile = archive(pax({ path: "../outside/secret" }), entry({ name: "harmless" }, "owned"));
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });

  test("in a GNU long name", async () => {
    const hostile = archive(gnuLong("L", "../outside/secret"), entry({ name: "harmless" }, "owned"));
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });

  test("in a ustar prefix", async () => {
    const hostile = archive(entry({ prefix: "../outside", name: "secret" }, "owned"));
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });

  test("in the real name of a sparse file", async () => {
    const records = { "GNU.sparse.name": "../x", "GNU.sparse.size": "1", "GNU.sparse.map": "0,1" };
    expect(await unpacking().refusalCode(archive(pax(records), entry({ name: "a" }, "x")))).toBe("UNSAFE_ARCHIVE");
  });
});

describe("absolute names", () => {
  test("lie below the root of the tree", async () => {
    const { outside } = unpacking();
    const before = unpacking().outsideNow();
    const found = await unpacking().found(
      archive(entry({ name: "//etc/./x//y" }, "1"), pax({ path: `${outside}/secret` }), entry({}, "2")),
    );
    expect(found.has("etc/x/y")).toBe(true);
    expect(found.has(`${outside.slice(1)}/secret`)).toBe(true);
    // the archive itself was stored meanwhile
    expect(unpacking().outsideNow().includes('"outside/secret"')).toBe(true);
    expect(outsideOf(unpacking().outsideNow())).toEqual(outsideOf(before));
  });

  test("of nothing but slashes and dots are the root: a directory or a refusal", async () => {
    for (const name of ["/", "./", "././/.", "."]) {
      const found = await unpacking().found(archive(directory(name, { mode: 0o710 })));
      expect([...found.values()]).toEqual([expect.stringMatching(/^40710 0:0 0/)]);
    }
    expect(await unpacking().refusalCode(archive(symlink(".", "/etc")))).toBe("UNSAFE_ARCHIVE");
    expect(await unpacking().refusalCode(archive(entry({ name: "." }, "x")))).toBe("UNSAFE_ARCHIVE");
    expect(await unpacking().refusalCode(archive(entry({ name: "" }, "x")))).toBe("CORRUPT_ARCHIVE");
  });
});

function outsideOf(everything: string): unknown {
  const all: [string, string][] = JSON.parse(everything);
  return all.filter(([name]) => name.startsWith("outside"));
}
