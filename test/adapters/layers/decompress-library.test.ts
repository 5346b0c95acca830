import { expect, test } from "vitest";
import { loadCodecLibrary } from "../../../adapters/layers/decompress/codec-library.ts";
import { declare } from "../../../adapters/linux/ffi.ts";

const ABSENT = "libimgstore-test-absent.so.1";

test("loadCodecLibrary says which package to install where the library is not there", () => {
  const load = (): unknown =>
    loadCodecLibrary({ format: "zstd", files: [ABSENT], debianPackage: "libzstd1", bind: () => null });
  expect(load).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED_COMPRESSION",
      message: expect.stringContaining(`zstd, and "${ABSENT}"`),
      hint: expect.stringContaining("libzstd1"),
    }),
  );
});

test("loadCodecLibrary refuses a library that is another than expected, and says why", () => {
  const load = (): unknown =>
    loadCodecLibrary({
      format: "xz",
      files: ["libc.so.6"],
      debianPackage: "liblzma5",
      bind: (library) => declare("uint32_t lzma_version_number()", library),
    });
  expect(load).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED_COMPRESSION",
      message: expect.stringContaining("lzma_version_number"),
    }),
  );
});

test("loadCodecLibrary takes the name that this system has for it", () => {
  const absolute = loadCodecLibrary({
    format: "bzip2",
    files: [ABSENT, "libc.so.6"],
    debianPackage: "libbz2-1.0",
    bind: (library) => declare<(number: number) => number>("int abs(int)", library),
  });
  expect(absolute(-3)).toBe(3);
});
