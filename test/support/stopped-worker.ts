import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { openFileDatabase } from "../../adapters/libsql/file.ts";
import { createImageRows } from "../../adapters/libsql/image-rows.ts";
import type { ActMove } from "../../core/lifecycle/image.ts";
import type { ImageRows, Placement } from "../../core/ports/image-rows.ts";
import { until } from "./child.ts";
import type { CommandLine, Finished, Running } from "./command-line.ts";

/** A worker that holds a claim and has been stopped beyond its lease. */
export interface StoppedWorker {
  /** Lets it go on; resolves when it has done all there is to do for it and ended. */
  goOn(): Promise<Finished>;
}

/** Without a wait for the lock: whether somebody was stopped while he held it is what is asked. */
const LOOK = { busyDeadlineMs: 50 };

export interface StopOptions {
  readonly command: CommandLine;
  readonly databasePath: string;
  readonly name: string;
  readonly move: ActMove;
  /** Whether the act has come far enough, once it is claimed. */
  readonly isInside: () => boolean;
}

/**
 * Starts `imgstore worker --once`, stops it (SIGSTOP) as soon as the row says that it has claimed the move, and waits
 * until its lease is over. Null where the stop came too late, or inside a write of the database, which it would block for
 * everybody: the worker has gone on and ended then.
 */
export async function stopInside(options: StopOptions): Promise<StoppedWorker | null> {
  const { command, databasePath, name, move } = options;
  const database = await openFileDatabase(databasePath, LOOK);
  const rows = createImageRows(database, "here");
  const worker = command.start("worker", "--once");
  const goOn = (): Promise<Finished> => {
    worker.child.kill("SIGCONT");
    return worker.finished;
  };
  try {
    await stopAtClaim(worker, rows, options);
    const held = await rows.load(name);
    if (!isHeldFor(held, move, worker) || !(await isWritable(rows))) {
      await goOn();
      return null;
    }
    for (let now = held; now !== null && (now.dueAtMs ?? 0) > now.nowMs; ) now = await rows.load(name);
    return { goOn };
  } finally {
    await database.close();
  }
}

async function stopAtClaim(worker: Running, rows: ImageRows, { name, move, isInside }: StopOptions): Promise<void> {
  const { child } = worker;
  while (child.exitCode === null && !(isHeldFor(await rows.load(name), move, worker) && isInside())) {
    await setImmediate();
  }
  if (child.exitCode !== null) return;
  child.kill("SIGSTOP");
  await until(() => child.exitCode !== null || isStopped(child.pid ?? 0));
}

function isHeldFor(row: Placement | null, move: ActMove, { child }: Running): boolean {
  return row?.move === move && row.leaseOwner?.includes(`:${child.pid}:`) === true;
}

function isStopped(pid: number): boolean {
  return /^\d+ \(.*\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

async function isWritable(rows: ImageRows): Promise<boolean> {
  try {
    await rows.wake(0);
    return true;
  } catch {
    return false;
  }
}
