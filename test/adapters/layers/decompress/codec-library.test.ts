import { expect, test } from "vitest";
import { CodecLibrary } from "../../../../adapters/layers/decompress/codec-library.ts";
import { declare } from "../../../../adapters/linux/ffi.ts";

const ABSENT = "libimgstore-test-absent.so.1";

test("CodecLibrary says which package to install where the library is not there", () => {
  const load = (): unknown =>
    new CodecLibrary({
      format: "zstd",
      files: [ABSENT],
      debianPackage: "libzstd1",
      symbol: "none",
      bind: () => null,
    }).functions();
  expect(load).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED_COMPRESSION",
      message: expect.stringContaining(`zstd, and "${ABSENT}"`),
      hint: expect.stringContaining("libzstd1"),
    }),
  );
});

test("CodecLibrary refuses a library that is another than expected, and says why", () => {
  const load = (): unknown =>
    new CodecLibrary({
      format: "xz",
      files: ["libc.so.6"],
      debianPackage: "liblzma5",
      symbol: "none",
      bind: (library) => declare("uint32_t lzma_version_number()", library),
    }).functions();
  expect(load).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED_COMPRESSION",
      message: expect.stringContaining("lzma_version_number"),
    }),
  );
});

test("CodecLibrary takes the name that this system has for it", () => {
  const { absolute } = new CodecLibrary({
    format: "bzip2",
    files: [ABSENT, "libc.so.6"],
    debianPackage: "libbz2-1.0",
    symbol: "none",
    bind: (library) => ({ absolute: declare<(number: number) => number>("int abs(int)", library) }),
  }).functions();
  expect(absolute(-3)).toBe(3);
});
