import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readMountTable } from "../../adapters/linux/mount-table.ts";
import type { ActMove } from "../../core/lifecycle/image.ts";
import type { HistoryEntryJson, ImageJson } from "../../functions/http/wire.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { type StoppedWorker, stopInside } from "../support/stopped-worker.ts";
import { contentsOf } from "../support/store-contents.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

/** A stop may come a moment too late, or inside a write of the database: then it is tried again. */
const TRIES = 25;

const WAIT = { prefer: "wait=30" };

// each test starts processes, and waits for leases to run out
vi.setConfig({ testTimeout: 120_000 });

let tested: StoreUnderTest;
let image: LargeImage;
let server: FaultyServer;
let command: CommandLine;

beforeEach(async () => {
  tested = await openStoreUnderTest();
  image = makeLargeImage(tested.store.path(), { files: 40, fileBytes: 200_000 });
  server = await startFaultyServer({ object: image.bytes });
  command = commandLine(tested.store.root, { IMGSTORE_LEASE_MS: "600" });
});

afterEach(async () => {
  await command.end();
  await server.close();
  await tested.remove();
});

async function put(target = "ACTIVE", query = "whole"): Promise<void> {
  const body = { source: `${server.origin}/image?${query}`, checksum: image.digest, target };
  expect((await tested.request("PUT", "/v1/images/web", { body })).status).toBe(201);
}

/** As a person at another process wants it: what the stopped worker held is taken over. */
async function bring(target: "ACTIVE" | "STORED"): Promise<ImageJson> {
  const { body } = await tested.request("PATCH", "/v1/images/web", { body: { target }, headers: WAIT });
  expect(body.state).toBe(target);
  return body;
}

async function remove(): Promise<void> {
  const { body } = await tested.request("DELETE", "/v1/images/web", { headers: WAIT });
  expect(body.state).toBe("REMOVED");
}

async function ask(target: string): Promise<void> {
  expect((await tested.request("PATCH", "/v1/images/web", { body: { target } })).status).toBe(202);
}

interface Journey {
  /** Leads to where the move is next. */
  readonly begin: () => Promise<unknown>;
  /** Leads back to where `begin` can begin again, when the stop came too late. */
  readonly undo?: () => Promise<unknown>;
  readonly isInside?: () => boolean;
}

async function stopped(move: ActMove, { begin, undo, isInside = () => true }: Journey): Promise<StoppedWorker> {
  const databasePath = tested.store.path("imgstore.db");
  for (let tries = 0; tries < TRIES; tries += 1) {
    await begin();
    const worker = await stopInside({ command, databasePath, name: "web", move, isInside });
    if (worker !== null) return worker;
    await undo?.();
  }
  throw new Error(`the stop did not land inside ${move} in ${TRIES} tries`);
}

/** All that anybody can see: the row, its history, the files, the mounts. */
interface World {
  readonly row: unknown;
  readonly history: unknown;
  readonly mounts: unknown;
  readonly files: ReturnType<typeof contentsOf>;
}

async function world(): Promise<World> {
  const { body: row } = await tested.request("GET", "/v1/images/web");
  const { body: history } = await tested.request("GET", "/v1/images/web/history?all");
  const mounts = (await readMountTable()).filter(({ mountPoint }) => mountPoint.startsWith(tested.store.root));
  return { row, history, mounts, files: contentsOf(tested.store) };
}

/** Lets the stopped worker go on to its end, and nothing is other than it was before, but for what it clears of its own. */
async function expectNothingFrom(worker: StoppedWorker, lostMove: ActMove): Promise<void> {
  const before = await world();
  const { exitCode, stderr } = await worker.goOn();
  expect(exitCode).toBe(0);
  expect(stderr).not.toMatch(new RegExp(`${lostMove} ->|could not go on`));
  const after = await world();
  const { tmp } = after.files;
  // of its half-made mount
  const kept = before.files.tmp.filter((name) => tmp.includes(name) || !name.startsWith("fresh."));
  expect(after).toEqual({ ...before, files: { ...before.files, tmp: kept } });
  const { body } = await tested.request("GET", "/v1/images/web/history?all");
  const lost = body.filter(
    ({ error }: HistoryEntryJson) => error?.code === "LEASE_EXPIRED" || error?.code === "CANCELLED",
  );
  expect(lost.map(({ move }: HistoryEntryJson) => move)).toContain(lostMove);
}

describe("a worker stopped beyond its lease, when it goes on", () => {
  test("in finish-download publishes nothing after another has finished the image", async () => {
    const worker = await stopped("finish-download", {
      begin: () => put("ACTIVE", "stall=4000000&bad=1"),
      undo: remove,
      isInside: () => server.log.some(({ sentBytes }) => sentBytes > 0),
    });
    await bring("ACTIVE");
    await expectNothingFrom(worker, "finish-download");
  });

  test("in finish-unpack leaves no tree after another has removed the image", async () => {
    const worker = await stopped("finish-unpack", { begin: () => put("STORED"), undo: remove });
    await remove();
    await tested.request("POST", "/v1/gc");
    await expectNothingFrom(worker, "finish-unpack");
    expect(contentsOf(tested.store)).toMatchObject({ blobs: [], images: [], tmp: [] });
  });

  test("in store publishes nothing after another has removed the image", async () => {
    const worker = await stopped("store", { begin: () => put("STORED"), undo: remove });
    await remove();
    await tested.request("POST", "/v1/gc");
    await expectNothingFrom(worker, "store");
    expect(contentsOf(tested.store)).toMatchObject({ blobs: [], images: [], tmp: [] });
  });

  test("in finish-activate leaves the mount alone that another has made", async () => {
    await put("STORED");
    await bring("STORED");
    const worker = await stopped("finish-activate", { begin: () => ask("ACTIVE"), undo: () => bring("STORED") });
    const { mountPoint } = await bring("ACTIVE");
    writeFileSync(`${mountPoint}/written`, "by another");
    await expectNothingFrom(worker, "finish-activate");
    expect(readFileSync(`${mountPoint}/written`, "utf8")).toBe("by another");
  });

  test("in finish-deactivate leaves the mount alone that another has made since", async () => {
    await put("STORED");
    const worker = await stopped("finish-deactivate", {
      begin: async () => {
        await bring("ACTIVE");
        await ask("STORED");
      },
    });
    await bring("STORED");
    const { mountPoint } = await bring("ACTIVE");
    writeFileSync(`${mountPoint}/written`, "by another");
    await expectNothingFrom(worker, "finish-deactivate");
    expect(readFileSync(`${mountPoint}/written`, "utf8")).toBe("by another");
  });

  test("in finish-remove leaves another image of the name alone, its mount and its upper", async () => {
    const worker = await stopped("finish-remove", {
      begin: async () => {
        await put("STORED");
        await bring("STORED");
        await ask("REMOVED");
      },
    });
    await remove();
    await put("ACTIVE");
    const { mountPoint } = await bring("ACTIVE");
    writeFileSync(`${mountPoint}/written`, "by another");
    await expectNothingFrom(worker, "finish-remove");
    expect(readFileSync(`${mountPoint}/written`, "utf8")).toBe("by another");
  });
});
