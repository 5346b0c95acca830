import { describe, expect, test } from "vitest";
import {
  archive,
  entry,
  gnuLong,
  hardlink,
  header,
  padded,
  pax,
  paxBody,
  paxRecord,
} from "../support/archive-builder.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

/** An archive in an archive: a parser that loses count takes the inner entries for its own. */
const smuggled = entry({ name: "smuggled" }, "owned");

describe("a PAX size against the header's own (CVE-2025-62518)", () => {
  test("a PAX size of a file whose header says 0 is the file's: nothing inside of it is an entry", async () => {
    const found = await unpacking().found(
      archive(
        pax({ size: `${smuggled.length}` }),
        header({ name: "inner.tar", size: 0 }),
        smuggled,
        entry({ name: "next" }),
      ),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "inner.tar", "next"]);
    expect(found.get("inner.tar")).toContain(` ${smuggled.length} `);
  });

  test("a PAX size smaller than the header's leaves no entry out", async () => {
    const found = await unpacking().found(
      archive(pax({ size: "0" }), header({ name: "a", size: smuggled.length }), smuggled, entry({ name: "next" })),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "a", "next", "smuggled"]);
  });

  test("a PAX size is never that of the extended headers between it and its entry", async () => {
    const found = await unpacking().found(
      archive(pax({ size: `${smuggled.length}` }), gnuLong("L", "inner.tar"), header({ name: "x", size: 0 }), smuggled),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "inner.tar"]);
  });

  test("a size on what has no contents is passed over, as everybody does", async () => {
    const found = await unpacking().found(
      archive(
        entry({ name: "a" }, "x"),
        hardlink("b", "a", { size: 1024 }),
        pax({ size: "512" }),
        header({ name: "d", type: "5" }),
        smuggled,
      ),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "a", "b", "d", "smuggled"]);
  });

  test.each(["-1", "0x10", "1e3", " 5", "9007199254740993", "99999999999999999999"])(
    "a PAX size that is no number is refused: %s",
    async (size) => {
      const hostile = archive(pax({ size }), header({ size: 0 }));
      expect(await unpacking().refusalCode(hostile)).toBe("CORRUPT_ARCHIVE");
    },
  );

  test("a size above what the limits allow is refused before a byte of it is read", async () => {
    const error = await unpacking().refusal(archive(pax({ size: "9007199254740991" }), header({ name: "huge" })));
    expect(error.code).toBe("LIMIT_EXCEEDED");
  });
});

describe("two headers that say different things", () => {
  test.each([
    ["path", "L"],
    ["linkpath", "K"],
  ] as const)("a PAX %s and a GNU long name are refused where they differ", async (key, type) => {
    const [target, other] = [gnuLong(type, "one"), hardlink("h", "a")];
    const hostile = archive(entry({ name: "a" }), target, pax({ [key]: "two" }), other);
    expect(await unpacking().refusalCode(hostile)).toBe("CORRUPT_ARCHIVE");
  });

  test("a key twice in one PAX header is refused where it differs, and taken where it does not", async () => {
    const twice = (second: string): Uint8Array =>
      archive(paxBody(Buffer.concat([paxRecord("path", "a"), paxRecord("path", second)])), entry({}, "x"));
    expect(await unpacking().refusalCode(twice("b"))).toBe("CORRUPT_ARCHIVE");
    expect((await unpacking().found(twice("a"))).has("a")).toBe(true);
  });

  test("two PAX headers, or two long names, of one entry are refused", async () => {
    for (const piece of [pax({ path: "a" }), gnuLong("L", "a"), gnuLong("K", "a")]) {
      expect(await unpacking().refusalCode(archive(piece, piece, entry({}, "x")))).toBe("CORRUPT_ARCHIVE");
    }
  });

  test("a global header that gives every entry a name, a size or a map is refused", async () => {
    for (const records of [{ path: "a" }, { linkpath: "a" }, { size: "5" }, { "GNU.sparse.size": "5" }]) {
      const hostile = archive(pax(records, { type: "g" }), entry({}, "x"));
      expect(await unpacking().refusalCode(hostile)).toBe("CORRUPT_ARCHIVE");
    }
  });

  test("a file whose name ends in a slash is refused", async () => {
    expect(await unpacking().refusalCode(archive(entry({ name: "a/" }, "x")))).toBe("CORRUPT_ARCHIVE");
  });
});

describe("sparse maps", () => {
  const sparse = (records: Record<string, string>, stored: string): Uint8Array =>
    archive(pax(records), entry({ name: "s" }, stored));

  test.each([
    ["overlaps", "0,5,3,5", "10"],
    ["goes backwards", "5,5,0,5", "10"],
    ["passes the end", "5,10", "10"],
    ["is cut short", "0,10,5", "10"],
    ["is no number", "0,x", "10"],
    ["does not fit what is stored", "0,5", "10"],
    ["has no size", "0,10", ""],
    ["overflows", "9007199254740991,9007199254740991", "10"],
  ])("a map that %s is refused", async (_, map, size) => {
    const records = { "GNU.sparse.map": map, "GNU.sparse.size": size };
    expect(await unpacking().refusalCode(sparse(records, "0123456789"))).toBe("CORRUPT_ARCHIVE");
  });

  test.each([["x\n"], ["1\n0\n"], [`${"9".repeat(17)}\n`], ["2\n0\n5\n"], [""]])(
    "a map in the contents that is malformed is refused: %j",
    async (map) => {
      const records = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "5" };
      expect(await unpacking().refusalCode(sparse(records, Buffer.from(padded(Buffer.from(map))).toString()))).toBe(
        "CORRUPT_ARCHIVE",
      );
    },
  );

  test("an unknown format is refused", async () => {
    const records = { "GNU.sparse.major": "2", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "5" };
    expect(await unpacking().refusalCode(sparse(records, "x"))).toBe("CORRUPT_ARCHIVE");
  });

  test("an old GNU map whose extension never comes is refused", async () => {
    const hostile = header({
      name: "s",
      type: "S",
      magic: "gnu",
      raw: [
        [482, "\u0001"],
        [483, "00000000012"],
      ],
    });
    expect(await unpacking().refusalCode(hostile)).toBe("CORRUPT_ARCHIVE");
  });
});
