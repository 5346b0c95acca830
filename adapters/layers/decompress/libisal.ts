import { declare, type SharedLibrary } from "../../linux/ffi.ts";
import { CodecLibrary } from "./codec-library.ts";
import type { GzipDecoder } from "./gzip-decoder.ts";
import { isLayoutRight } from "./isal-check.ts";
import { gunzipWithIsal, type Isal, type IsalLayout } from "./isal-member.ts";

/** By Intel's library of functions for storage, where it is installed: twice as fast as zlib. */
export const isalDecoder: GzipDecoder = {
  name: "libisal",
  isHere: () => libisal.load() !== null,
  open: (stored) => gunzipWithIsal(stored, libisal.functions(), ISAL_LAYOUT),
};

export const libisal: CodecLibrary<Isal> = new CodecLibrary({
  format: "gzip",
  files: ["libisal.so.2"],
  debianPackage: "libisal2",
  symbol: "isal_inflate",
  bind,
});

/** Of the versions 2.25 to 2.32, whose state has 87,368 bytes; three times as many for those that are not known yet. */
export const ISAL_LAYOUT: IsalLayout = { blockState: 21_160, crcFlag: 21_172, bytes: 256 * 1024 };

/** The library does not tell its version: what it does with the layout is tried. */
function bind(library: SharedLibrary): Isal {
  const isal: Isal = {
    initialize: declare("void isal_inflate_init(uintptr_t)", library),
    reset: declare("void isal_inflate_reset(uintptr_t)", library),
    inflate: declare("int isal_inflate(uintptr_t)", library),
  };
  if (!isLayoutRight(isal, ISAL_LAYOUT)) throw new Error("its state is laid out in a way that is not known");
  return isal;
}
