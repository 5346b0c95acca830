// One of several processes that write rows at once; run from dist/ because Node 20 cannot run the sources. Says when it is
// loaded, begins at a line on stdin, and says at its end which writes were acknowledged.
// Arguments: DATABASE WORKER IMAGES
import { once } from "node:events";
import { openFileDatabase } from "../../dist/adapters/libsql/file.js";
import { createImageRows } from "../../dist/adapters/libsql/image-rows.js";
import { createWorkRows } from "../../dist/adapters/libsql/work-rows.js";

const [path, worker, images] = process.argv.slice(2);
let operations = 0;
const newOp = () => `${worker}-${(operations += 1)}`;
/** `[name, toState]` of each transition that the database said was ours. */
const made = [];
const blob = { digest: `sha256:${"a".repeat(64)}`, sizeBytes: 1 };

async function download(rows, work, name) {
  const source = `http://example.test/${name}.tar`;
  const registration = { name, source, checksum: null, target: "STORED", mountOptions: [], opId: newOp(), worker };
  const { placement } = await rows.register(registration);
  let seen = placement;
  if (seen.state === "NEW") {
    const begun = await rows.swap(seen, { move: "begin-download", opId: newOp(), worker });
    if (begun.kind === "applied") made.push([name, "DOWNLOADING"]);
    seen = begun.placement;
  }
  if (seen.state !== "DOWNLOADING") return;
  const attempt = { move: "finish-download", opId: newOp(), worker, leaseMs: 60_000 };
  const claimed = await rows.claim(seen, attempt);
  if (claimed.kind === "lost") return;
  await rows.heartbeat(claimed.claim, 60_000, { doneBytes: 1, totalBytes: 2 });
  await work.takeBlob(claimed.claim, blob.digest);
  const verdict = await rows.settle(claimed.claim, { move: "finish-download", opId: newOp(), facts: { blob } });
  if (verdict === "applied") made.push([name, "DOWNLOADED"]);
}

process.stdout.write("loaded\n");
await once(process.stdin, "data");
try {
  const database = await openFileDatabase(path, { checkpointBytes: 65_536, busyDeadlineMs: 60_000 });
  const rows = createImageRows(database, "here");
  const work = createWorkRows(database, "here");
  for (let image = 0; image < Number(images); image += 1) {
    await download(rows, work, `own-${worker}-${image}`);
    await download(rows, work, `shared-${image}`);
  }
  await database.close();
  process.stdout.write(`${JSON.stringify({ made })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ made, error: { code: error.code, message: error.message, stack: error.stack } })}\n`,
  );
} finally {
  process.stdin.destroy();
}
