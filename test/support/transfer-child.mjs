// One transfer into a blob, as a process of its own; run from dist/ because Node 20 cannot run the sources. Says each step
// as a line of JSON; with --ask it waits for a line on stdin before it publishes.
// Arguments: ROOT SOURCE DIGEST ATTEMPT [--ask]
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createBlobs } from "../../dist/adapters/blobs/blobs.js";
import { createSources } from "../../dist/adapters/sources/sources.js";
import { parseSource } from "../../dist/core/source-url.js";

const [root, source, digest, attempt, ask] = process.argv.slice(2);
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const maxBytes = Number.MAX_SAFE_INTEGER;

const sources = createSources({ minBytesPerSecond: 0 });
const before = process.memoryUsage.rss();
/** Not getrusage's maxrss, which begins with that of the process that started this one. */
const highestBytes = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
try {
  const partial = await createBlobs({ root }).openPartial(digest, attempt);
  say({ step: "held", sizeBytes: partial.sizeBytes });
  try {
    const { signal } = new AbortController();
    const { validator, sizeBytes: offset } = partial;
    const opened = await sources.open(parseSource(source), { offset, validator, maxBytes, signal });
    if (opened.offset !== offset || offset === 0) await partial.restart(opened.validator);
    await partial.append(opened.body, { maxBytes }, (sizeBytes) => say({ step: "bytes", sizeBytes }));
    say({ step: "appended", sizeBytes: partial.sizeBytes });
    if (ask === "--ask") await once(process.stdin, "data");
    say({ step: "published", ...(await partial.publish(digest)) });
  } finally {
    await partial.close();
  }
} catch (error) {
  say({ step: "failed", code: error.code, message: error.message });
} finally {
  await sources.close();
  process.stdin.destroy();
}
say({ step: "ended", grownBytes: highestBytes() - before });
