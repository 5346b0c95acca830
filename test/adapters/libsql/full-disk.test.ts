import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { moduleFile } from "../../../adapters/package-files.ts";
import { onSmallDisk } from "../../../scripts/faults/fill-the-disk/small-disk.ts";
import { mountSmallDisk, type SmallDisk } from "../../support/small-disk.ts";

const MB = 2 ** 20;

/** In a process of its own: one that ends lets go of its database at once, and may be ended by the kernel. */
function use(directory: string): unknown {
  const script = `
    import { rmSync } from "node:fs";
    import { openFileDatabase } from ${JSON.stringify(moduleFile("adapters/libsql/file"))};
    import { createFiller } from ${JSON.stringify(moduleFile("scripts/faults/fill-the-disk/filler"))};
    const said = [];
    const path = process.argv[1] + "/imgstore.db";
    const code = (work) => work().then(() => "done", ({ code }) => code).then((word) => said.push(word));
    const database = await openFileDatabase(path);
    const write = () => database.batch([{ sql: "INSERT INTO images (name, source, created_at_ms) VALUES ('a', 'x', 0)", args: {} }]);
    const read = () => database.read([{ sql: "SELECT name FROM images", args: {} }]);
    const filler = createFiller({ directory: process.argv[1] + "/filler", resource: "bytes", slack: 8192 });
    filler.fill();
    await code(write);
    filler.giveBack();
    said.push(await read());
    await code(write);
    said.push(await read());
    process.stdout.write(JSON.stringify(said));`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script, directory], { encoding: "utf8" }),
  );
}

describe("a database on a file system that is full", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync("/dev/shm/imgstore-test-");
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it.each(["ext4", "tmpfs", "btrfs"] as const)(
    "says NO_SPACE on %s, applies nothing, and goes on",
    async (fileSystem) => {
      await onSmallDisk(home, { fileSystem, sizeBytes: 64 * MB, inodes: 1000 }, async (directory) => {
        expect(use(directory)).toEqual(["NO_SPACE", [[]], "done", [[{ name: "a" }]]]);
      });
    },
  );
});

describe("a database on a file system without inodes", () => {
  let disk: SmallDisk;
  beforeEach(() => {
    disk = mountSmallDisk(8 * MB, 50);
  });
  afterEach(() => disk.remove());

  const open = `
    import { openFileDatabase } from ${JSON.stringify(moduleFile("adapters/libsql/file"))};
    import { rmSync } from "node:fs";
    const [, path, spare] = process.argv;
    const makeRoom = () => spare !== undefined && (rmSync(spare, { recursive: true }), true);
    await openFileDatabase(path, { makeRoom }).then(
      (database) => database.close().then(() => console.log("opened")),
      ({ code }) => console.log(code),
    );`;
  const tryToOpen = (...args: readonly string[]): string =>
    execFileSync(process.execPath, ["--input-type=module", "-e", open, ...args], { encoding: "utf8" }).trim();

  it("says NO_SPACE when it is opened, unless room is made for its log", () => {
    const path = join(disk.path, "imgstore.db");
    expect(tryToOpen(path)).toBe("opened");
    execFileSync("mkdir", [join(disk.path, "spare")]);
    for (let index = 0; statfsSync(disk.path).ffree > 0; index += 1) {
      writeFileSync(join(disk.path, "spare", String(index)), "");
    }
    expect(tryToOpen(path)).toBe("NO_SPACE");
    expect(tryToOpen(path, join(disk.path, "spare"))).toBe("opened");
  });
});
