import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { differences } from "../../../../scripts/faults/audit/describe-tree.ts";
import { archive, entry } from "../../../support/archive-builder.ts";
import { COMPRESSIONS, compressed } from "../../../support/compressed.ts";
import { createWithGnuTar, extractWithGnuTar } from "../../../support/gnu-tar.ts";
import { useUnpacking } from "../../../support/use-unpacking.ts";

const unpacking = useUnpacking();

describe.each(COMPRESSIONS)("unpack of a tar that is compressed with %s", (format) => {
  test("makes the tree of the plain tar, with its diffId", async () => {
    const { home, root } = unpacking();
    const source = join(home, "source");
    for (let i = 0; i < 12; i++) {
      mkdirSync(join(source, `d${i}`), { recursive: true });
      writeFileSync(join(source, `d${i}`, "large"), `${i} `.repeat(30_000));
      for (let j = 0; j < 10; j++) writeFileSync(join(source, `d${i}`, `f${j}`), `${i} ${j}`);
    }
    const plain = createWithGnuTar(source);
    writeFileSync(join(home, "plain.tar"), plain);
    extractWithGnuTar(join(home, "plain.tar"), join(home, "theirs"));
    const half = Math.floor(plain.length / 2) + 1;
    for (const stored of [
      compressed(format, plain),
      Buffer.concat([compressed(format, plain.subarray(0, half)), compressed(format, plain.subarray(half))]),
    ]) {
      const { name, diffId } = await unpacking().unpack(unpacking().store(stored));
      expect(diffId).toBe(`sha256:${createHash("sha256").update(plain).digest("hex")}`);
      expect(differences(join(root, "tmp", name), join(home, "theirs"))).toEqual([]);
    }
  });

  test("leaves nothing when the file is cut short after most of the tree was made", async () => {
    const plain = archive(
      ...Array.from({ length: 300 }, (_, i) => entry({ name: `f${i}` }, `${Math.sin(i)} `.repeat(99))),
    );
    const stored = compressed(format, plain);
    const error = await unpacking().refusal(stored.subarray(0, -20));
    expect(error.code).toBe("CORRUPT_ARCHIVE");
    expect(error.message).toContain(format);
  });

  test("says by name what is no tar within", async () => {
    expect(await unpacking().refusalCode(compressed(format, Buffer.from("hello")))).toBe("NOT_A_TAR");
    expect(await unpacking().refusalCode(compressed(format, Buffer.alloc(0)))).toBe("EMPTY_ARCHIVE");
  });
});
