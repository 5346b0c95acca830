import { describe, expect, test } from "vitest";
import { archive, entry, hardlink, header } from "../support/archive-builder.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();

describe("devices", () => {
  test("character device 0:0, a whiteout in disguise, is refused", async () => {
    const error = await unpacking().refusal(archive(header({ name: "etc/shadow", type: "3" })));
    expect(error.code).toBe("UNSAFE_ARCHIVE");
    expect(error.message).toContain("whiteout in disguise");
  });

  test.each([
    [4096, 0],
    [0, 2 ** 20],
    [2 ** 40, 0],
    [-1, 0],
    [256, -256],
  ])("number %d:%d, which no kernel has, is refused", async (major, minor) => {
    expect(await unpacking().refusalCode(archive(header({ name: "d", type: "3", major, minor })))).toBe(
      "UNSAFE_ARCHIVE",
    );
  });

  test("the largest numbers are kept", async () => {
    const found = await unpacking().found(
      archive(header({ name: "d", type: "4", mode: 0o640, major: 4095, minor: 2 ** 20 - 1 })),
    );
    expect(found.get("d")).toMatch(/^60640 0:0 0 device /);
  });

  test("a hard link to a whiteout is refused", async () => {
    const hostile = archive(entry({ name: ".wh.a" }), hardlink("b", "a"));
    expect(await unpacking().refusalCode(hostile)).toBe("UNSAFE_ARCHIVE");
  });

  test("a device without a number, as in the oldest format, is refused", async () => {
    expect(await unpacking().refusalCode(archive(header({ name: "d", type: "3", magic: "v7" })))).toBe(
      "CORRUPT_ARCHIVE",
    );
  });
});
