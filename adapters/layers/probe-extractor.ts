import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Wall } from "../linux/confine.ts";
import { entryFile } from "../package-files.ts";
import type { GzipDecoderName } from "./decompress/gzip-decoder.ts";
import { RUNTIME_ARGUMENTS } from "./extractors.ts";

/** What an extractor is like on this machine. */
export interface ExtractorProbe {
  readonly wall: Wall;
  readonly isFiltered: boolean;
  readonly gzip: GzipDecoderName;
}

/** Finds out what an extractor would be like, by starting one without an archive. @throws what it failed of */
export async function probeExtractor(): Promise<ExtractorProbe> {
  const directory = await mkdtemp(join(tmpdir(), "imgstore-probe-"));
  try {
    const program = [...RUNTIME_ARGUMENTS, entryFile("adapters/layers/extractor/probe"), directory];
    const { stdout } = await promisify(execFile)(process.execPath, program, { env: {} });
    return JSON.parse(stdout);
  } finally {
    await rm(directory, { recursive: true });
  }
}
