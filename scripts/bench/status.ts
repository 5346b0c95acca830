import { commandFile } from "../command-file.ts";
import type { BenchOptions } from "./bench.ts";
import type { Contestant } from "./contestant.ts";
import { imgstoreProcess } from "./imgstore-process.ts";
import { type Measurement, measure } from "./measure/measure.ts";
import { reportOf } from "./report.ts";

const RUNS_FOR_EACH = 10;

/** How fast the command starts: `imgstore status NAME` against `node -e 0`, in turns. */
export async function benchStatus({ scratch, runs, stop }: BenchOptions): Promise<void> {
  const store = `${scratch}/store`;
  const contestants: readonly Contestant[] = [
    { name: "node -e 0", role: "theirs", needs: {}, command: () => imgstoreProcess(store, "-e", "0") },
    {
      name: "imgstore status NAME",
      role: "ours",
      needs: {},
      command: () => imgstoreProcess(store, commandFile, "status", "bench"),
    },
  ];
  const register = ["fetch", "bench", "/dev/null", "--target", "stored", "--no-wait"];
  await measure(imgstoreProcess(store, commandFile, ...register), stop);

  const contenders = contestants.map((contestant) => ({ contestant, runs: [] as Measurement[] }));
  for (let at = 0; at < runs * RUNS_FOR_EACH; at++) {
    for (const contender of contenders) contender.runs.push(await measure(contender.contestant.command(scratch), stop));
  }
  console.log(reportOf(contenders).join("\n"));
}
