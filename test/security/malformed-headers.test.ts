import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { archive, directory, entry, gnuLong, header, pax, paxBody, symlink } from "../support/archive-builder.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();
const sound = archive(directory("d"), pax({ "SCHILY.xattr.user.a": "v" }), entry({ name: "d/f" }, "x".repeat(1000)));

describe("a malformed archive is refused", () => {
  test("with a wrong checksum, by the offset of its header", async () => {
    const error = await unpacking().refusal(archive(entry({ name: "a" }, "x"), header({ name: "b", checksum: 1 })));
    expect(error.code).toBe("CORRUPT_ARCHIVE");
    expect(error.message).toContain("at byte 1024");
    expect(error.message).toContain("checksum");
  });

  test.each([
    ["size", 124, "77777777777x"],
    ["size", 124, "-0000000001\0"],
    ["mode", 100, "zzzzzzz\0"],
    ["owner", 108, "12 34 5\0"],
    ["modification time", 136, "0x000000000\0"],
  ])("with a %s that is no number", async (what, at, text) => {
    const error = await unpacking().refusal(archive(header({ name: "a", raw: [[at, text]] })));
    expect(error.code).toBe("CORRUPT_ARCHIVE");
    expect(error.message).toContain(what);
    expect(error.message).toContain('"a" (at byte 0');
  });

  test("with a negative size, in base-256", async () => {
    for (const type of ["0", "x", "L", "K", "g", "S"]) {
      expect(await unpacking().refusalCode(archive(header({ type, size: -512, name: "a" })))).toBe("CORRUPT_ARCHIVE");
    }
  });

  test("with an owner out of range", async () => {
    for (const fields of [{ uid: -1 }, { gid: 2 ** 32 - 1 }, { uid: 2 ** 40 }]) {
      expect(await unpacking().refusalCode(archive(header(fields)))).toBe("CORRUPT_ARCHIVE");
    }
    expect(await unpacking().refusalCode(archive(pax({ uid: "4294967295" }), header({})))).toBe("CORRUPT_ARCHIVE");
  });

  test("with an entry of an unknown type", async () => {
    for (const type of ["M", "N", "D", "A", "E", "~", "\u0001"]) {
      const error = await unpacking().refusal(archive(header({ type, name: "odd" })));
      expect(error.code).toBe("CORRUPT_ARCHIVE");
      expect(error.message).toContain('"odd"');
    }
  });

  test.each([
    "5 a=b\n",
    "6 a=b",
    "3 \n",
    "99 path=x\n",
    "0 a=b\n",
    "x path=y\n",
    "11 path=x\n",
    "7 =abc\n",
    "99999999999999999999 a=b\n",
    " 6 a=b\n",
    "path=x\n",
  ])("with a PAX record %j", async (body) => {
    expect(await unpacking().refusalCode(archive(paxBody(body), entry({}, "x")))).toBe("CORRUPT_ARCHIVE");
  });

  test("with a NUL within a name, a link target or an attribute's name", async () => {
    const hostile = [
      [pax({ path: "a\0b" }), entry({})],
      [pax({ linkpath: "a\0b" }), symlink("s", "t")],
      [gnuLong("L", "a\0b"), entry({})],
      [gnuLong("K", "a\0b"), symlink("s", "t")],
      [pax({ "SCHILY.xattr.user.a\0b": "v" }), entry({})],
      [pax({ "SCHILY.xattr.": "v" }), entry({})],
    ];
    for (const pieces of hostile) expect(await unpacking().refusalCode(archive(...pieces))).toBe("CORRUPT_ARCHIVE");
  });

  test("with an empty link target", async () => {
    expect(await unpacking().refusalCode(archive(symlink("s", "")))).toBe("CORRUPT_ARCHIVE");
  });

  test("with an attribute that is not base64 where it must be", async () => {
    const hostile = archive(pax({ "LIBARCHIVE.xattr.user.a": "*" }), entry({}));
    expect(await unpacking().refusalCode(hostile)).toBe("CORRUPT_ARCHIVE");
  });

  test("with an extended header that no entry follows", async () => {
    expect(await unpacking().refusalCode(Buffer.concat([entry({ name: "a" }), pax({ path: "x" })]))).toBe(
      "CORRUPT_ARCHIVE",
    );
  });

  test("with a single block of zeros in the middle", async () => {
    const hostile = archive(entry({ name: "a" }), Buffer.alloc(512), entry({ name: "b" }));
    expect(await unpacking().refusalCode(hostile)).toBe("CORRUPT_ARCHIVE");
  });
});

describe("an archive that is cut short is refused", () => {
  const ends = Array.from({ length: Math.floor((sound.length - 1024) / 256) + 1 }, (_, index) => index * 256);

  test.each(ends.filter((end) => end > 0))("after %d bytes", async (end) => {
    const code = await unpacking().refusalCode(sound.subarray(0, end));
    expect(code).toBe(end < 512 ? "NOT_A_TAR" : "CORRUPT_ARCHIVE");
  });

  test("and so is a gzip of a whole one that is cut short, or damaged", async () => {
    const stored = gzipSync(sound);
    const damaged = Buffer.from(stored);
    damaged.writeUInt32LE(1, damaged.length - 8);
    for (const bytes of [
      stored.subarray(0, -1),
      stored.subarray(0, 30),
      damaged,
      Buffer.concat([stored, Buffer.from("junk")]),
    ]) {
      const error = await unpacking().refusal(bytes);
      expect(error.code).toBe("CORRUPT_ARCHIVE");
      expect(error.message).toContain("gzip");
    }
  });

  test("but one whose last block of zeros is missing is not", async () => {
    expect((await unpacking().found(sound.subarray(0, -512))).has("d/f")).toBe(true);
  });
});
