import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type ArchiveLimits, LIMIT_SETTINGS } from "../../core/limits.ts";
import { archive, directory, entry, gnuLong, header, pax, symlink } from "../support/archive-builder.ts";
import { COMPRESSIONS, compressed } from "../support/compressed.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

async function expectLimit(
  limit: keyof ArchiveLimits,
  hostile: Uint8Array,
  limits: Partial<ArchiveLimits>,
): Promise<void> {
  const error = await unpacking().refusal(hostile, { limits });
  expect(error.code).toBe("LIMIT_EXCEEDED");
  expect(error.message).toContain(LIMIT_SETTINGS[limit]);
  expect(error.hint).toContain(LIMIT_SETTINGS[limit]);
}

describe("a limit ends in an error that names its setting", () => {
  test("stored bytes", async () => {
    await expectLimit("maxImageBytes", archive(entry({ name: "a" }, "x".repeat(5000))), { maxImageBytes: 4000 });
  });

  test("bytes of contents, before they are written", async () => {
    await expectLimit("maxUnpackedBytes", archive(entry({ name: "a" }, "xxxxx"), entry({ name: "b" }, "xxxxxx")), {
      maxUnpackedBytes: 10,
    });
    await expectLimit("maxUnpackedBytes", archive(header({ name: "a", size: 2 ** 40 })), { maxUnpackedBytes: 2 ** 39 });
  });

  test("bytes of contents: holes count", async () => {
    const records = { "GNU.sparse.map": "0,1", "GNU.sparse.size": `${2 ** 45}`, "GNU.sparse.name": "s" };
    await expectLimit("maxUnpackedBytes", archive(pax(records), entry({ name: "s" }, "x")), {});
  });

  test("bytes after the end of the archive", async () => {
    const hostile = gzipSync(Buffer.concat([archive(entry({ name: "a" }, "x")), Buffer.alloc(100_000)]));
    await expectLimit("maxUnpackedBytes", hostile, { maxUnpackedBytes: 50_000 });
  });

  test("expansion, of contents and of what is none", async () => {
    const zeros = Buffer.alloc(70 * 2 ** 20);
    await expectLimit("maxExpansion", gzipSync(archive(entry({ name: "a" }, zeros)), { level: 1 }), {
      maxExpansion: 20,
    });
    await expectLimit(
      "maxExpansion",
      gzipSync(Buffer.concat([archive(entry({ name: "a" }, "x")), zeros]), { level: 1 }),
      { maxExpansion: 20 },
    );
    const holes = { "GNU.sparse.map": "0,1", "GNU.sparse.size": `${2 ** 30}` };
    await expectLimit("maxExpansion", archive(pax(holes), entry({ name: "s" }, "x")), {});
  });

  test.each(COMPRESSIONS)("expansion, however it is compressed: %s", async (format) => {
    const bomb = compressed(format, archive(entry({ name: "a" }, Buffer.alloc(70 * 2 ** 20))), ["-1"]);
    await expectLimit("maxExpansion", bomb, { maxExpansion: 20 });
    await expectLimit("maxUnpackedBytes", bomb, { maxUnpackedBytes: 2 ** 20 });
  });

  test("entries, and the directories they imply", async () => {
    const many = Array.from({ length: 11 }, (_, index) => entry({ name: `f${index}` }));
    await expectLimit("maxEntries", archive(...many), { maxEntries: 10 });
    await expectLimit("maxEntries", archive(entry({ name: "a/b/c/d/e/f/g/h/i/j/k" })), { maxEntries: 10 });
  });

  test("bytes of a path and of a link's target", async () => {
    const long = "n".repeat(60);
    await expectLimit("maxPathBytes", archive(entry({ name: `${long}/x` })), { maxPathBytes: 60 });
    await expectLimit("maxPathBytes", archive(symlink("s", `${long}/x`)), { maxPathBytes: 60 });
    await expectLimit("maxPathBytes", archive(gnuLong("L", "a/".repeat(3000)), entry({})), {});
    await expectLimit("maxPathBytes", archive(pax({ path: "a/".repeat(3000) }), entry({})), {});
    await expectLimit("maxPathBytes", archive(header({ name: "././@LongLink", type: "L", size: 2 ** 33 })), {});
  });

  test("depth", async () => {
    await expectLimit("maxDepth", archive(directory("a/a/a/a/a")), { maxDepth: 4 });
    await expectLimit("maxDepth", archive(pax({ path: "a/".repeat(300) }), directory("x")), {});
  });

  test("bytes of extended attributes, and of the header that they come in", async () => {
    await expectLimit("maxXattrBytes", archive(pax({ "SCHILY.xattr.user.a": "x".repeat(100) }), entry({})), {
      maxXattrBytes: 100,
    });
    await expectLimit("maxXattrBytes", archive(header({ type: "x", size: 2 ** 33 })), {});
    await expectLimit("maxXattrBytes", archive(header({ type: "g", size: 2 ** 33 })), {});
    const global = (key: string): Uint8Array => pax({ [`SCHILY.xattr.user.${key}`]: "x".repeat(60) }, { type: "g" });
    await expectLimit("maxXattrBytes", archive(global("a"), global("b"), entry({})), { maxXattrBytes: 100 });
  });
});

test("a component longer than any file system takes is refused", async () => {
  const error = await unpacking().refusal(archive(pax({ path: "n".repeat(256) }), entry({})));
  expect(error.code).toBe("UNSAFE_ARCHIVE");
});

test("a link farm deeper than the kernel follows is refused", async () => {
  const links = Array.from({ length: 50 }, (_, index) => symlink(`l${index}`, index === 0 ? "d" : `l${index - 1}`));
  expect(await unpacking().refusalCode(archive(directory("d"), ...links, entry({ name: "l49/x" })))).toBe(
    "UNSAFE_ARCHIVE",
  );
});
