// `node unpack-blob.js STORE SHA256`: unpacks a blob of a store as finish-unpack does, and nothing else. A program by
// itself, so that it is measured as a whole: what it takes to start, its threads and processes, its memory.
import { createLayerTrees } from "../../adapters/layers/layer-trees.ts";
import { parseDigest } from "../../core/digests.ts";
import { DEFAULT_LIMITS } from "../../core/limits.ts";

const [root = "", sha256 = ""] = process.argv.slice(2);
await createLayerTrees({ root }).unpack({
  blob: parseDigest(sha256),
  name: "bench.1.0",
  limits: DEFAULT_LIMITS,
  signal: new AbortController().signal,
  onProgress: () => {},
});
