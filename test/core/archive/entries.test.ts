import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Budget } from "../../../core/archive/budget.ts";
import { EntryParser } from "../../../core/archive/entries.ts";
import { ImgstoreError } from "../../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../../core/limits.ts";
import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";

/** What a parser says of an archive that comes in pieces of some size. */
function read(bytes: Uint8Array, pieceBytes: number): string[] {
  const said: string[] = [];
  let content = "";
  const budget = new Budget(DEFAULT_LIMITS, () => bytes.length);
  const parser = new EntryParser(
    {
      begin: (found) => {
        const { path, link, kind, mode, uid, gid, mtime, sizeBytes, offset, xattrs } = found;
        const names = `${Buffer.from(path).toString("latin1")} ${Buffer.from(link).toString("latin1")}`;
        said.push(
          `${offset} ${kind} ${names} ${mode} ${uid}:${gid} ${mtime.seconds}.${mtime.nanoseconds} ${sizeBytes} ${[...xattrs.keys()].join()}`,
        );
        content = "";
      },
      content: (piece, start, end, position) => {
        if (position === content.length) content += Buffer.from(piece.subarray(start, end)).toString("latin1");
        else content += `@${position}${Buffer.from(piece.subarray(start, end)).toString("latin1")}`;
      },
      end: () => said.push(content),
    },
    budget,
  );
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.subarray(at, at + pieceBytes));
    parser.finish();
  } catch (error) {
    if (!(error instanceof ImgstoreError)) throw error;
    said.push(`${error.code}: ${error.message}`);
  }
  return said;
}

const varied = Buffer.concat([
  archive(
    directory("./"),
    pax({ comment: "all" }, { type: "g" }),
    entry({ name: "plain", mtime: 12 }, "some contents".repeat(100)),
    pax({ path: "d/long".repeat(30), mtime: "1.5", "SCHILY.xattr.user.a": "\0\n=" }),
    entry({}, "x"),
    gnuLong("L", "gnu".repeat(60)),
    gnuLong("K", "target".repeat(40)),
    symlink("short", "short"),
    hardlink("h", "plain"),
    header({ name: "null", type: "3", major: 1, minor: 3 }),
  ),
  Buffer.alloc(700, "t"),
]);

describe("EntryParser", () => {
  test("finds the same whatever pieces an archive comes in", () => {
    const whole = read(varied, varied.length);
    expect(whole.at(-1)).toBe("");
    expect(whole).toHaveLength(12);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (pieceBytes) => {
        expect(read(varied, pieceBytes)).toEqual(whole);
      }),
      { numRuns: 60, examples: [[1], [511], [512], [513]] },
    );
  });

  test("gives each stretch of a sparse file its place, in every format", () => {
    const expected = expect.stringContaining("@100one");
    const stored = "onetwo";
    const map = { "GNU.sparse.size": "500", "GNU.sparse.map": "100,3,200,3" };
    const formats = [
      archive(pax(map), entry({ name: "s" }, stored)),
      archive(
        pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "500" }),
        entry({ name: "s" }, `${"2\n100\n3\n200\n3\n".padEnd(512, "\0")}${stored}`),
      ),
      archive(
        entry(
          {
            name: "s",
            type: "S",
            magic: "gnu",
            raw: [
              [386, "00000000144\u000000000000003\0"],
              [410, "00000000310\u000000000000003\0"],
              [483, "00000000764\0"],
            ],
          },
          stored,
        ),
      ),
    ];
    for (const bytes of formats) {
      for (const pieceBytes of [1, 100, 100_000]) {
        const said = read(bytes, pieceBytes);
        expect(said[0]).toContain(" 500 ");
        if (pieceBytes > 1) expect(said[1]).toEqual(expected);
        expect(said).toHaveLength(2);
      }
    }
  });

  test("passes over a GNU volume's label and an unknown PAX key", () => {
    const said = read(
      archive(header({ name: "label", type: "V" }), pax({ "VENDOR.key": "x" }), entry({ name: "f" })),
      512,
    );
    expect(said).toHaveLength(2);
  });

  test("an empty value takes a global header's back", () => {
    const global = pax({ mtime: "5", uid: "7" }, { type: "g" });
    expect(read(archive(global, header({ name: "f" })), 512)[0]).toContain(" 7:0 5.0 ");
  });

  test("ends in an ImgstoreError for whatever bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const said = read(bytes, 700);
        expect(said.at(-1)).toMatch(/^(NOT_A_TAR|EMPTY_ARCHIVE|CORRUPT_ARCHIVE): /);
      }),
      { numRuns: 200 },
    );
  });
});
