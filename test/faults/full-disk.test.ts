import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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

const ballastBytes = (): number => statSync(join(root, "ballast")).size;

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
