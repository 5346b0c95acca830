import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { commandFile } from "../command-file.ts";
import { serveFile } from "../serve-file.ts";
import type { BenchOptions } from "./bench.ts";
import { withFreshDisk } from "./fresh-disk.ts";
import { benchImage } from "./image.ts";
import { type Measurement, measure, SAMPLE_MS } from "./measure.ts";
import { reportOf } from "./report.ts";

/** The pipe that does without a store what `fetch` does: the bytes hashed, unpacked with everything, and synced. */
const PIPE = `set -euo pipefail
mkdir "$2/tree"
exec 3> >(sha256sum >"$2/sum")
hashing=$!
curl --silent --fail "$1" | tee /dev/fd/3 | gzip -dc |
  tar --extract --numeric-owner --xattrs --xattrs-include='*' --directory "$2/tree"
exec 3>&-
wait "$hashing"
[ "$(cut -c 1-64 "$2/sum")" = "$3" ]
sync --file-system "$2/tree"`;

/** Fetch to ACTIVE against `curl | tee >(sha256sum) | gzip -dc | tar -x` and `sync -f`, in turns, each on a fresh disk. */
export async function benchFetch({ scratch, runs, image: wanted, stop }: BenchOptions): Promise<void> {
  const image = await benchImage(wanted, scratch);
  const digest = createHash("sha256").update(readFileSync(image)).digest("hex");
  const sizeBytes = statSync(image).size;
  const diskBytes = 2 ** 30 + 20 * sizeBytes;
  console.log(`${image}: ${(sizeBytes / 2 ** 20).toFixed(0)} MiB; ${runs} runs each, in turns`);
  const server = await serveFile(image);
  const theirs: Measurement[] = [];
  const ours: Measurement[] = [];
  try {
    for (let at = 1; at <= runs; at++) {
      theirs.push(await withFreshDisk(scratch, diskBytes, (disk) => runPipe(server.url, disk, digest, stop)));
      ours.push(await withFreshDisk(scratch, diskBytes, (disk) => runFetch(server.url, disk, digest, stop)));
      console.log(
        `run ${at}: pipe ${theirs.at(-1)?.wallMs.toFixed(0)} ms, imgstore ${ours.at(-1)?.wallMs.toFixed(0)} ms`,
      );
    }
  } finally {
    await server.close();
  }
  const report = reportOf({
    theirs: { name: "curl | tee >(sha256sum) | gzip -dc | tar -x; sync -f", runs: theirs },
    ours: { name: "imgstore fetch, to ACTIVE", runs: ours },
  });
  console.log(["", ...report, `(cpu and memory of the whole process tree, sampled every ${SAMPLE_MS} ms)`].join("\n"));
}

function runPipe(url: string, disk: string, digest: string, stop: AbortSignal): Promise<Measurement> {
  return measure("bash", ["-c", PIPE, "bash", url, disk, digest], process.env, stop);
}

async function runFetch(url: string, disk: string, digest: string, stop: AbortSignal): Promise<Measurement> {
  const env = { ...process.env, IMGSTORE_ROOT: `${disk}/store`, IMGSTORE_DB: "", IMGSTORE_SERVER: "" };
  try {
    return await measure(process.execPath, [commandFile, "fetch", "bench", url, digest], env, stop);
  } finally {
    // not with `stop`: the disk cannot be unmounted while the image is
    await measure(process.execPath, [commandFile, "remove", "bench", "--force"], env, new AbortController().signal);
  }
}
