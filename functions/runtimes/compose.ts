import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../adapters/clock.ts";
import type { Database } from "../../adapters/libsql/database.ts";
import { createImageRows } from "../../adapters/libsql/image-rows.ts";
import { createReplies } from "../../adapters/libsql/replies.ts";
import { createWorkRows } from "../../adapters/libsql/work-rows.ts";
import { freeBallast } from "../../adapters/store/ballast.ts";
import { prepareRoot } from "../../adapters/store/root.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { deleteTombstones } from "../cron/delete-tombstones.ts";
import type { Engine } from "../engine.ts";
import { InFlight } from "../in-flight.ts";
import { Reaper } from "../reaper.ts";
import type { OpenedDisk } from "./disk.ts";

export interface Composed {
  readonly engine: Engine;
  readonly database: Database;
  /** Ends what is under way and lets everything go. */
  readonly close: () => Promise<void>;
}

export interface Composition {
  readonly outlivesRequests: boolean;
  /** An image is about to be unpacked: what takes time to start is started while the database is opened. */
  readonly unpacksSoon?: boolean;
}

/**
 * Puts the adapters behind the ports. Nothing is loaded before it is needed: the rows at once, the disk with the first
 * move that does work.
 * @throws {ImgstoreError} ROOT_NOT_WRITABLE, ROOT_NOT_OURS, NOT_A_DATABASE, NEWER_SCHEMA, DATABASE_BUSY, UNSUPPORTED_SOURCE
 */
export async function compose(settings: Settings, composition: Composition): Promise<Composed> {
  prepareRoot(settings.root);
  let opening: Promise<OpenedDisk> | null = null;
  const openOnce = (): Promise<OpenedDisk> =>
    (opening ??= import("./disk.ts").then(({ openDisk }) => openDisk(settings)));
  if (composition.unpacksSoon === true) (await openOnce()).disk.layers.prepare();
  const database = await openDatabase(settings);
  const inFlight = new InFlight();
  const work = createWorkRows(database, settings.node);
  const reaper = new Reaper(async () => deleteTombstones(work, (await openOnce()).disk));
  const engine: Engine = {
    settings,
    images: createImageRows(database, settings.node),
    work,
    replies: createReplies(database, settings.node),
    clock: systemClock,
    disk: async () => (await openOnce()).disk,
    mountPointOf: (key) => join(settings.root, "active", key),
    worker: `${hostname()}:${process.pid}:${randomBytes(3).toString("hex")}`,
    outlivesRequests: composition.outlivesRequests,
    inFlight,
    reaper,
  };
  const close = async (): Promise<void> => {
    await inFlight.close();
    await reaper.settled();
    if (opening !== null) {
      const { disk, close: closeDisk } = await opening;
      // Nobody may sweep this store: whoever works at it leaves room behind. Where there is none, that is no failure.
      // A store that is being deleted gets nothing new.
      if (hasDatabase(settings)) await disk.space.restoreBallast().catch(() => undefined);
      await closeDisk();
    }
    await database.close();
  };
  return { engine, database, close };
}

/** The file of an embedded database; null where it is a server. */
function databaseFile({ db }: Settings): string | null {
  return db.startsWith("file:") ? db.slice("file:".length) : null;
}

function hasDatabase(settings: Settings): boolean {
  const file = databaseFile(settings);
  return file === null || existsSync(file);
}

async function openDatabase(settings: Settings): Promise<Database> {
  const file = databaseFile(settings);
  if (file !== null) {
    const { openFileDatabase } = await import("../../adapters/libsql/file.ts");
    return openFileDatabase(file, { makeRoom: () => freeBallast(settings.root) });
  }
  throw new ImgstoreError("INVALID_SETTING", "libSQL servers are not supported by this version", {
    hint: "leave IMGSTORE_DB unset, or give file:PATH",
  });
}
