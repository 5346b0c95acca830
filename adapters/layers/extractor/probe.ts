import { writeSync } from "node:fs";
import { refuseCalls } from "../../linux/call-filter.ts";
import { confine } from "../../linux/confine.ts";
import { gzipDecoder } from "../decompress/gzip.ts";
import type { ExtractorProbe } from "../probe-extractor.ts";

const STDOUT = 1;

/** A process that confines itself to a directory as an extractor does, says what came of it as JSON, and ends. */
function run(directory: string): ExtractorProbe {
  const gzip = gzipDecoder();
  const { wall } = confine(directory, "process");
  return { wall, isFiltered: refuseCalls(), gzip };
}

writeSync(STDOUT, JSON.stringify(run(process.argv[2] ?? "")));
