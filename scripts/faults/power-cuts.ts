// `npm run faults:power-cuts [-- --cuts N] [--file-system ext4|xfs] [--seed S]`: cuts the power of a store's disk again and
// again, and looks at what is left. Needs root; talks to the loopback address only, and leaves nothing behind.
import { tmpdir } from "node:os";
import { runAsked } from "./asked.ts";
import { inScratch } from "./in-scratch.ts";
import { type CutOutcome, cutPower } from "./power-cuts/cut-power.ts";
import { describeLog } from "./power-cuts/disk-log.ts";
import { FILE_SYSTEMS } from "./power-cuts/file-systems.ts";
import { DATABASE_PLACES, recordWalk, type WalkedStore } from "./power-cuts/recording.ts";

const USAGE = `usage: npm run faults:power-cuts [-- options]
  --cuts N                 (default 300)
  --file-system ext4|xfs   what the store lies on (default ext4)
  --database inside|elsewhere
                           where it lies: in the store, or on a disk that keeps its power (default inside)
  --seed S                 the same number loses the same writes of the same log (default: a new one, which is printed)
  --ignored-flushes N      a disk that does not make its last N flushes: damage is to be found (default 0)`;

/** In memory, where there is room for disks: what they lose is played, and what is written to them is not kept. */
const DIRECTORIES = ["/dev/shm", tmpdir()];

process.exitCode = await runAsked({
  usage: USAGE,
  options: ["cuts", "file-system", "database", "ignored-flushes", "seed"],
  read: (given): Asked => ({
    cuts: given.number("cuts", 300),
    fileSystem: given.oneOf("file-system", FILE_SYSTEMS),
    database: given.oneOf("database", DATABASE_PLACES),
    ignoredFlushes: given.number("ignored-flushes", 0),
    seed: given.seed(),
  }),
  run: (asked) => inScratch((directory) => run(directory, asked), DIRECTORIES),
});

async function run(directory: string, asked: Asked): Promise<number> {
  const recording = await recordWalk(directory, asked);
  try {
    console.log(`${asked.fileSystem}, database ${asked.database}: ${describeLog(recording.history.events)}`);
    let done = 0;
    const onCut = ({ at, findings }: CutOutcome): void => {
      done += 1;
      for (const finding of findings) console.log(`DAMAGED at ${at}: ${finding}`);
      if (done % 50 === 0) console.log(`${done} cuts`);
    };
    const outcomes = await cutPower(recording, { ...asked, concurrency: 2, onCut });
    const damaged = outcomes.filter(({ findings }) => findings.length > 0).length;
    console.log(`${outcomes.length} cuts, ${damaged} damaged`);
    return damaged === 0 ? 0 : 1;
  } finally {
    await recording.remove();
  }
}

interface Asked extends WalkedStore {
  readonly cuts: number;
  readonly seed: number;
  readonly ignoredFlushes: number;
}
