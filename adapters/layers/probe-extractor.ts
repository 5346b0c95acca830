import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Wall } from "../linux/confine.ts";
import { entryFile } from "../package-files.ts";
import type { GzipDecoderName } from "./decompress/gzip-decoder.ts";

/** What an extractor is like on this machine. */
export interface ExtractorProbe {
  readonly wall: Wall;
  readonly gzip: GzipDecoderName;
}

/** Finds out what an extractor would be like, by being one without an archive. @throws {SystemCallError} */
export async function probeExtractor(): Promise<ExtractorProbe> {
  const directory = await mkdtemp(join(tmpdir(), "imgstore-probe-"));
  try {
    const thread = new Worker(entryFile("adapters/layers/extractor/probe-thread"), {
      workerData: directory,
      execArgv: [],
    });
    const [probe]: ExtractorProbe[] = await once(thread, "message");
    if (probe === undefined) throw new Error("the probing thread said nothing");
    return probe;
  } finally {
    await rm(directory, { recursive: true });
  }
}
