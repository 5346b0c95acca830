import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasCode } from "../../adapters/linux/errno.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const MB = 2 ** 20;

let disk: SmallDisk;
let elsewhere: TemporaryStore;
let image: LargeImage;
let other: LargeImage;
let command: CommandLine;
let root: string;

beforeEach(() => {
  disk = mountSmallDisk(120 * MB);
  elsewhere = makeTemporaryStore();
  image = imageOf("one");
  other = imageOf("other");
  root = join(disk.path, "store");
  mkdirSync(root);
  command = commandLine(root, { IMGSTORE_BACKOFF_MAX_MS: "50" });
});
afterEach(async () => {
  await command.end();
  disk.remove();
  await elsewhere.remove();
});

function imageOf(name: string): LargeImage {
  mkdirSync(elsewhere.path(name));
  return makeLargeImage(elsewhere.path(name), { files: 12, fileBytes: MB });
}

const ballastBytes = (): number => statSync(join(root, "ballast"), { throwIfNoEntry: false })?.size ?? 0;

/** To the last byte. */
function fillUp(): string {
  const path = join(disk.path, "filler");
  const fd = openSync(path, "w");
  for (let bytes = MB; bytes >= 1; ) {
    try {
      writeSync(fd, Buffer.alloc(bytes));
    } catch (error) {
      if (!hasCode(error, "ENOSPC")) throw error;
      bytes = Math.floor(bytes / 2);
    }
  }
  closeSync(fd);
  return path;
}

test("on a full disk images are registered, wait, are shown and removed by the ballast, and go on when there is room", async () => {
  await command.json(0, "fetch", "a", image.path, "--target", "stored");
  expect(ballastBytes()).toBe(16 * MB);
  const filler = fillUp();

  const fetched = await command.run("fetch", "b", other.path, "--timeout", "1");
  expect(fetched).toMatchObject({ exitCode: 5, stderr: expect.stringMatching(/"b" needs about .* \(NO_SPACE\)/) });
  expect(ballastBytes()).toBe(0);
  await command.json(0, "remove", "a");
  expect((await command.json(0, "list")).images.map(({ name }: { name: string }) => name)).toEqual(["b"]);

  rmSync(filler);
  expect((await command.run("worker", "--once")).exitCode).toBe(0);
  expect(await command.json(0, "status", "b")).toMatchObject({ state: "ACTIVE", error: null });
  expect(ballastBytes()).toBe(16 * MB);
});

describe("where inodes run out", () => {
  const INODES = 600;
  beforeEach(() => disk.setInodes(INODES));

  /** All but so many. */
  function fillInodes(left: number): string {
    const path = join(disk.path, "files");
    mkdirSync(path);
    for (let free = statfsSync(disk.path).ffree; free > left; free -= 1) writeFileSync(join(path, String(free)), "");
    return path;
  }

  async function waitForRoom(name: string, source: string, message: RegExp): Promise<void> {
    await command.json(0, "fetch", name, source, "--no-wait");
    expect((await command.run("worker", "--once")).exitCode).toBe(0);
    const error = { code: "NO_SPACE", message: expect.stringMatching(message) };
    expect(await command.json(0, "status", name)).toMatchObject({ attempt: 0, error });
  }

  test("an image with more files than that waits, leaves nothing, and goes on when there are enough", async () => {
    const tree = elsewhere.path("tree");
    mkdirSync(tree);
    for (let index = 0; index < 2 * INODES; index += 1) writeFileSync(join(tree, String(index)), "");
    const tar = elsewhere.path("many.tar.gz");
    execFileSync("tar", ["-C", tree, "-czf", tar, "."]);

    await waitForRoom("a", tar, /no inodes left$/);
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
    expect(statfsSync(disk.path).ffree).toBeGreaterThan(INODES / 2);

    disk.setInodes(4 * INODES);
    expect((await command.run("worker", "--once")).exitCode).toBe(0);
    expect(await command.json(0, "status", "a")).toMatchObject({ state: "ACTIVE", error: null });
  });

  test("images are shown and removed by those that are kept, also where the database is not open", async () => {
    await command.json(0, "fetch", "a", image.path, "--target", "stored");
    expect(readdirSync(root)).toContain("ballast.7");
    const filler = fillInodes(0);

    await waitForRoom("b", other.path, /inodes/);
    await command.json(0, "remove", "a");
    await command.json(0, "gc");
    expect(await command.json(0, "list")).toMatchObject({ images: [{ name: "b" }] });

    rmSync(filler, { recursive: true });
    expect((await command.run("worker", "--once")).exitCode).toBe(0);
    expect(await command.json(0, "status", "b")).toMatchObject({ state: "ACTIVE", error: null });
    expect(readdirSync(root)).toContain("ballast.7");
  });
});
