import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createReplies } from "../../../../adapters/libsql/replies.ts";
import { createWorkRows } from "../../../../adapters/libsql/work-rows.ts";
import { prepareRoot } from "../../../../adapters/store/root.ts";
import type { Clock } from "../../../../core/ports/clock.ts";
import { parseSettings } from "../../../../core/settings.ts";
import { deleteTombstones } from "../../../../functions/cron/delete-tombstones.ts";
import type { Engine } from "../../../../functions/engine.ts";
import { InFlight } from "../../../../functions/in-flight.ts";
import { Reaper } from "../../../../functions/reaper.ts";
import { openDisk } from "../../../../functions/runtimes/disk.ts";
import { removeRun } from "../../crash/crash-matrix.ts";
import { type Actor, LEASE_MS, NODE } from "../actor.ts";
import { openSteppedDatabase, type SteppedDatabase } from "../stepped-database.ts";

/** A real store with a database whose time is stepped, for many engines in this process. */
export interface RacedStore {
  readonly root: string;
  readonly database: SteppedDatabase;
  /** The product put together for one actor: everything but his rows' turns and his clock is what every process has. */
  engineOf(actor: Actor): Engine;
  /** Resolves when nothing that left its place for good is left to delete. */
  reaped(): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a store in an empty place. Its engines share the disk's adapters, as processes share a disk. */
export async function openRacedStore(root: string): Promise<RacedStore> {
  mkdirSync(root);
  const settings = parseSettings(
    { IMGSTORE_ROOT: root, IMGSTORE_NODE: NODE, IMGSTORE_LEASE_MS: String(LEASE_MS), IMGSTORE_BACKOFF_MAX_MS: "0" },
    { hostName: NODE, absolute: (path) => path },
  );
  prepareRoot(root);
  const { disk, close } = await openDisk(settings);
  const database = await openSteppedDatabase(settings.db.slice("file:".length));
  const work = createWorkRows(database, NODE);
  const reaper = new Reaper(() => deleteTombstones(work, disk));
  return {
    root,
    database,
    engineOf: (actor) => ({
      settings,
      images: actor.images,
      work: actor.work,
      replies: createReplies(database, NODE),
      clock: clockOf(actor),
      disk: async () => disk,
      mountPointOf: (key) => join(root, "active", key),
      worker: actor.name,
      outlivesRequests: false,
      inFlight: new InFlight(),
      reaper,
    }),
    reaped: async () => {
      reaper.poke();
      await reaper.settled();
    },
    remove: async () => {
      await reaper.settled();
      await close();
      await database.close();
      await removeRun(root);
    },
  };
}

/** A worker's clock that stands still: it trusts every lease for ever, so that the rows alone keep it from harm. */
function clockOf(actor: Actor): Clock {
  return {
    monotonicMs: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener("abort", () => resolve());
      }),
    random: () => 0,
    newId: () => actor.newOp(),
  };
}
