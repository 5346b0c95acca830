import type { ArchiveForm } from "../images/archive.ts";

export interface Decompressor {
  /** Decompresses stdin, or the file that follows, to stdout. */
  readonly command: string;
  readonly needs: Readonly<Record<string, string>>;
}

/** The commands that decompress each form, the fastest first. */
export const DECOMPRESSORS: Readonly<Record<ArchiveForm, readonly Decompressor[]>> = {
  tar: [{ command: "cat", needs: {} }],
  gz: [
    { command: "igzip -dc", needs: { igzip: "isal" } },
    { command: "gzip -dc", needs: { gzip: "gzip" } },
  ],
  zst: [{ command: "zstd -dc", needs: { zstd: "zstd" } }],
};
