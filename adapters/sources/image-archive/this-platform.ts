import { endianness } from "node:os";
import type { Platform } from "../../../core/image-archive/platform.ts";

/** What this machine runs, in Go's words. */
export function thisPlatform(): Platform {
  const { platform, arch } = process;
  const architecture = ARCHITECTURES[arch] ?? arch;
  const isLittle = endianness() === "LE";
  return {
    os: platform,
    architecture: architecture === "ppc64" && isLittle ? "ppc64le" : architecture,
    variant: VARIANTS[arch] ?? "",
  };
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", mipsel: "mipsle" };

/** Node runs on no older ones. */
const VARIANTS: Readonly<Record<string, string>> = { arm: "v7", arm64: "v8" };
