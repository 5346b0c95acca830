import { type ExtractorProbe, probeExtractor } from "../../adapters/layers/probe-extractor.ts";
import { asImgstoreError } from "../../core/errors.ts";
import type { Diagnosis } from "./runtime.ts";

const WALLS: Readonly<Record<ExtractorProbe["wall"], string>> = {
  "detached-mount": "a mount of its own keeps the extractor in its directory",
  landlock: "landlock keeps the extractor in its directory, but for owners, modes, times and attributes",
  none: "nothing but its own care keeps the extractor in its directory",
};

const GZIP: Readonly<Record<ExtractorProbe["gzip"], string>> = {
  libisal: "gzip by libisal",
  libz: "gzip by libz",
  node: "gzip by Node's zlib",
};

function filterRemark(isFiltered: boolean): string {
  return isFiltered ? "it may run, mount, trace and reach nothing" : "this kernel filters no system calls";
}

/** What archives are unpacked with, and what keeps the extractor in. */
export async function diagnoseUnpacking(): Promise<readonly Diagnosis[]> {
  try {
    const { wall, isFiltered, gzip } = await probeExtractor();
    const isWalled = wall !== "none";
    const wallHint = "run as root (CAP_SYS_ADMIN), or on Linux 5.19 or later with landlock in the kernel's lsm= list";
    const gzipHint = "Debian's package libisal2 makes it faster: apt-get install --no-install-recommends libisal2";
    return [
      {
        subject: "extractor's wall",
        ok: isWalled,
        detail: `${WALLS[wall]}; ${filterRemark(isFiltered)}`,
        hint: isWalled ? null : wallHint,
      },
      { subject: "decompression", ok: true, detail: GZIP[gzip], hint: gzip === "libisal" ? null : gzipHint },
    ];
  } catch (thrown) {
    const error = asImgstoreError(thrown);
    return [{ subject: "extractor's wall", ok: false, detail: error.message, hint: error.hint }];
  }
}
