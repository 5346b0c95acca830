import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandLine, commandLine, saidBy } from "../../support/command-line.ts";
import { makeSmallImage } from "../../support/small-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";

describe("imgstore worker", { timeout: 50_000 }, () => {
  let store: TemporaryStore;
  let command: CommandLine;

  beforeEach(() => {
    store = makeTemporaryStore();
    command = commandLine(store.root);
  });

  afterEach(async () => {
    await command.end();
    await store.remove();
  });

  it("sleeps until another process registers an image, and takes it up at once", async () => {
    const image = makeSmallImage(store.path("tmp"));
    const worker = command.start("worker");
    await command.run("list");
    await command.json(0, "fetch", "a", image.path, "--no-wait");
    await saidBy(worker, /finish-activate -> ACTIVE/);
    worker.child.kill("SIGTERM");
    expect((await worker.finished).exitCode).toBe(0);
  });

  it("ends with a clear error when its store is deleted under it", async () => {
    const worker = command.start("worker");
    const image = makeSmallImage(store.path("tmp"));
    await command.json(0, "fetch", "a", image.path, "--no-wait", "--target", "stored");
    await saidBy(worker, /store -> STORED/);
    rmSync(store.root, { recursive: true });
    const { exitCode, stderr } = await worker.finished;
    expect([exitCode, stderr]).toEqual([6, expect.stringContaining("has been deleted (ROOT_NOT_WRITABLE)")]);
  });
});
