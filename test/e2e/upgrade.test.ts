import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { packageRoot } from "../../adapters/package-files.ts";
import { type CommandLine, commandLine, saidBy } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

vi.setConfig({ testTimeout: 120_000 });

const NEWEST = readdirSync(`${packageRoot}migrations`).length;

let store: TemporaryStore;
let root: string;
let older: CommandLine;
let newer: CommandLine;
let image: LargeImage;
let server: FaultyServer;

beforeEach(async () => {
  store = makeTemporaryStore();
  root = store.path("store");
  mkdirSync(root, { mode: 0o700 });
  older = commandLine(root, { IMGSTORE_LEASE_MS: "900" });
  newer = commandLine(root, { IMGSTORE_LEASE_MS: "900" }, { commandFile: makeNewerVersion(store.path("newer")) });
  image = makeLargeImage(store.path(), { files: 40, fileBytes: 200_000 });
  server = await startFaultyServer({ object: image.bytes });
});

afterEach(async () => {
  await older.end();
  await newer.end();
  await server.close();
  await store.remove();
});

/** This build with one more migration; the path of its command. */
function makeNewerVersion(directory: string): string {
  mkdirSync(directory);
  for (const part of ["dist", "migrations", "package.json"]) {
    cpSync(`${packageRoot}${part}`, join(directory, part), { recursive: true });
  }
  symlinkSync(`${packageRoot}node_modules`, join(directory, "node_modules"));
  const migration = join(directory, "migrations", `${String(NEWEST + 1).padStart(4, "0")}-later.sql`);
  writeFileSync(migration, "ALTER TABLE placements ADD COLUMN later TEXT; CREATE TABLE later (a INTEGER) STRICT;");
  return join(directory, "dist/bin/imgstore.cjs");
}

/** Two megabytes a second: the worker is in its midst for seconds. */
function slowSource(): string {
  return `${server.origin}/image?trickle=20000`;
}

describe("a newer version beside an older one", () => {
  test("the older worker that is at work ends with NEWER_SCHEMA, and the newer one finishes what it began", async () => {
    const fetched = await older.run("fetch", "slow", slowSource(), image.digest, "--no-wait");
    expect(fetched).toMatchObject({ exitCode: 0 });
    const worker = older.start("worker", "--json");
    await saidBy(worker, /begin-download/);

    const status = await newer.json(0, "status", "slow");
    expect(status.state).toMatch(/^DOWNLOAD/);
    const ended = await worker.finished;
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toMatch(
      new RegExp(`schema ${NEWEST + 1}, and this imgstore knows no newer one than ${NEWEST}`),
    );
    expect(ended.stderr).toMatch(/install that version here, too/);

    expect((await newer.run("fetch", "slow", slowSource(), image.digest, "--timeout", "60")).exitCode).toBe(0);
    const history = await newer.json(0, "history", "slow");
    const moves = history.filter(({ fromState, toState }: Record<string, string>) => fromState !== toState);
    expect(new Set(moves.map(({ toState }: Record<string, string>) => toState)).size).toBe(moves.length);
    expect(await newer.run("remove", "slow")).toMatchObject({ exitCode: 0 });
  });

  test("older commands are refused with exit status 6, and the store is as it was", async () => {
    const source = store.path("image.tar");
    writeFileSync(source, image.bytes);
    expect((await newer.run("fetch", "web", source, "--target", "stored")).exitCode).toBe(0);
    const before = await newer.json(0, "history", "web");
    for (const args of [["status"], ["sweep"], ["gc"], ["fetch", "other", source], ["remove", "web"]]) {
      const refused = await older.run(...args);
      expect(refused, args.join(" ")).toMatchObject({ exitCode: 6, stdout: "" });
      expect(refused.stderr).toMatch(/a newer imgstore has migrated it/);
    }
    expect(await newer.json(0, "history", "web")).toEqual(before);
    expect((await newer.json(0, "list")).images).toHaveLength(1);
  });

  test("the older server answers 503 NEWER_SCHEMA to reads and writes, and is not ready", async () => {
    const serve = older.start("serve", "--listen", "127.0.0.1:0");
    const [, url] = await saidBy(serve, /(http:\/\/\S+)/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await newer.run("list")).exitCode).toBe(0);
    const asked = [
      await fetch(`${url}/v1/images`),
      await fetch(`${url}/v1/sweep`, { method: "POST" }),
      await fetch(`${url}/readyz`),
    ];
    for (const answer of asked) {
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: "NEWER_SCHEMA" });
    }
  });
});

describe("a store of an earlier schema", () => {
  test.each(Array.from({ length: NEWEST - 1 }, (_, index) => index + 1))(
    "schema %i is migrated with its images, and they go on from where they were",
    async (version) => {
      const source = store.path("image.tar");
      writeFileSync(source, image.bytes);
      installUpTo(version, join(root, "imgstore.db"));
      insertImage(join(root, "imgstore.db"), source);
      const [before] = (await newer.json(0, "list")).images;
      expect(before).toMatchObject({ name: "old", state: "NEW", createdAtMs: 1000 });
      expect((await newer.run("worker", "--once")).exitCode).toBe(0);
      expect(await newer.json(0, "status", "old")).toMatchObject({ state: "STORED", checksum: image.digest });
    },
  );
});

function sql(path: string, script: string): void {
  const program = `const L=require("libsql");const d=new L(process.argv[1]);d.exec(process.argv[2]);d.close()`;
  execFileSync(process.execPath, ["-e", program, path, script], { cwd: packageRoot });
}

function installUpTo(version: number, path: string): void {
  const files = readdirSync(`${packageRoot}migrations`).toSorted().slice(0, version);
  const scripts = files.map((file) => execFileSync("cat", [`${packageRoot}migrations/${file}`], { encoding: "utf8" }));
  sql(path, `PRAGMA journal_mode = WAL; BEGIN; ${scripts.join("\n")}; PRAGMA user_version = ${version}; COMMIT`);
}

function insertImage(path: string, source: string): void {
  sql(
    path,
    `INSERT INTO images (name, source, created_at_ms) VALUES ('old', '${source}', 1000);
    INSERT INTO placements (image_id, node, name, state, target, move, op_id, worker, due_at_ms, mount_options,
      created_at_ms, updated_at_ms)
    VALUES (1, 'here', 'old', 'NEW', 'STORED', 'register', 'op', 'w', 1000, 'nodev,nosuid', 1000, 1000)`,
  );
}
