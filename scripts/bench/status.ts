import { commandFile } from "../command-file.ts";
import type { BenchOptions } from "./bench.ts";
import { type Measurement, measure } from "./measure.ts";
import { reportOf } from "./report.ts";

const RUNS_FOR_EACH = 10;

/** How fast the command starts: `imgstore status NAME` against `node -e 0`, in turns. */
export async function benchStatus({ scratch, runs, stop }: BenchOptions): Promise<void> {
  // Node 20 reads these certificates at every start, which takes longer than the rest of it
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  const env = { ...rest, IMGSTORE_ROOT: `${scratch}/store`, IMGSTORE_DB: "", IMGSTORE_SERVER: "" };
  const node = (...args: string[]): Promise<Measurement> => measure(process.execPath, args, env, stop);
  await node(commandFile, "fetch", "bench", "/dev/null", "--target", "stored", "--no-wait");

  const theirs: Measurement[] = [];
  const ours: Measurement[] = [];
  for (let at = 0; at < runs * RUNS_FOR_EACH; at++) {
    theirs.push(await node("-e", "0"));
    ours.push(await node(commandFile, "status", "bench"));
  }
  const report = reportOf({
    theirs: { name: "node -e 0", runs: theirs },
    ours: { name: "imgstore status NAME", runs: ours },
  });
  console.log(report.join("\n"));
}
