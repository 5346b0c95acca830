import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HistoryEntryJson, ImageJson } from "../../functions/http/wire.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { extractorOf } from "../support/extractor-of.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

// processes are killed and waited for
vi.setConfig({ testTimeout: 120_000 });

let store: TemporaryStore;
let home: string;
let image: LargeImage;
let server: FaultyServer;
let command: CommandLine;

beforeEach(async () => {
  store = makeTemporaryStore();
  home = mkdtempSync(join(tmpdir(), "imgstore-image-"));
  image = makeLargeImage(home, { files: 40, fileBytes: 200_000 });
  server = await startFaultyServer({ object: image.bytes });
  command = commandLine(store.root, { IMGSTORE_LEASE_MS: "4000" });
});

afterEach(async () => {
  await command.end();
  await server.close();
  await store.remove();
  rmSync(home, { recursive: true });
});

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 1000; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await sleep(5);
  }
  return false;
}

/** The source sends all in the end, but not at once. */
const slowUrl = (): string => `${server.origin}/image?trickle=200000&every=50`;

function fetchSlowly(): ReturnType<CommandLine["start"]> {
  return command.start("fetch", "web", slowUrl(), image.digest);
}

/** The extractor of a fetch that has asked for its first byte. */
async function unpackerOf(fetching: ReturnType<CommandLine["start"]>): Promise<number> {
  while (server.log.length === 0) await sleep(5);
  return extractorOf(fetching.child.pid);
}

async function status(): Promise<ImageJson> {
  return command.json(0, "status", "web");
}

/** The inode number of the directory in a folder of the store, once there is one. */
async function inodeOfFirstIn(folder: string): Promise<number> {
  for (let tries = 0; tries < 2000; tries++) {
    const name = readdirSync(store.path(folder)).find((found) => !found.endsWith(".directories"));
    if (name !== undefined) return statSync(store.path(folder, name)).ino;
    await sleep(5);
  }
  throw new Error(`nothing came under ${folder}/`);
}

async function attempts(move: string): Promise<HistoryEntryJson[]> {
  const history: HistoryEntryJson[] = await command.json(0, "history", "web");
  return history.filter((row) => row.move === move);
}

describe("the process that unpacks", () => {
  test("makes the tree while the image is still fetched: what is published is what lay under tmp/ then", async () => {
    const fetching = fetchSlowly();
    await unpackerOf(fetching);
    const inode = await inodeOfFirstIn("tmp");
    expect((await status()).state).toBe("DOWNLOADING");
    expect((await fetching.finished).exitCode).toBe(0);
    expect(await inodeOfFirstIn("images")).toBe(inode);
    expect(await attempts("finish-unpack")).toMatchObject([{ toState: "UNPACKED", error: null }]);
  });

  test("killed while the image is still fetched, costs nothing but its own work", async () => {
    const fetching = fetchSlowly();
    process.kill(await unpackerOf(fetching), "SIGKILL");
    expect((await fetching.finished).exitCode).toBe(0);
    expect(await attempts("finish-download")).toMatchObject([{ toState: "DOWNLOADED", error: null }]);
    expect(await attempts("finish-unpack")).toMatchObject([{ toState: "UNPACKED", error: null }]);
    expect(readdirSync(store.path("tmp"))).toEqual([]);
  });

  test("hung, is killed when the lease is over that it shows no sign of life for, and costs nothing but its own work", async () => {
    const hasty = commandLine(store.root, { IMGSTORE_LEASE_MS: "600" });
    const fetching = hasty.start("fetch", "web", slowUrl(), image.digest);
    const extractor = await unpackerOf(fetching);
    process.kill(extractor, "SIGSTOP");
    expect((await fetching.finished).exitCode).toBe(0);
    expect(await isGone(extractor)).toBe(true);
    // it had unpacked nothing: another one did
    expect((await attempts("finish-unpack")).at(-1)).toMatchObject({ toState: "UNPACKED", error: null });
    expect(readdirSync(store.path("tmp"))).toEqual([]);
  });

  test("ends when the process that started it is killed", async () => {
    const fetching = fetchSlowly();
    const extractor = await unpackerOf(fetching);
    fetching.child.kill("SIGKILL");
    await fetching.finished;
    expect(await isGone(extractor)).toBe(true);
    expect((await command.run("fetch", "web", slowUrl(), image.digest)).exitCode).toBe(0);
    expect(readdirSync(store.path("tmp"))).toEqual([]);
  });
});
