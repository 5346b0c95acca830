import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CommandLine, commandLine } from "../../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../../support/faulty-server.ts";
import { makeSmallImage, type SmallImage } from "../../support/small-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let store: TemporaryStore;
let directory: string;
let image: SmallImage;
let server: FaultyServer;
let url: string;
let imgstore: CommandLine;

beforeEach(async () => {
  store = makeTemporaryStore();
  directory = mkdtempSync(join(tmpdir(), "imgstore-cli-"));
  image = makeSmallImage(directory);
  server = await startFaultyServer({ object: image.bytes });
  url = `${server.origin}/web.tar.gz`;
  imgstore = commandLine(store.root, { IMGSTORE_BACKOFF_MAX_MS: "50" });
});

afterEach(async () => {
  await imgstore.end();
  await server.close();
  await store.remove();
  rmSync(directory, { recursive: true });
});

describe("imgstore fetch", () => {
  test("drives an image to ACTIVE without a worker and says where it is", async () => {
    const { exitCode, stdout, stderr } = await imgstore.run("fetch", "web", url, image.digest);
    expect(stderr.trim().split("\n")).toEqual([
      "web: NEW",
      "web: DOWNLOADING",
      "web: DOWNLOADED",
      "web: UNPACKING",
      "web: UNPACKED",
      "web: STORED",
      "web: ACTIVATING",
      "web: ACTIVE",
    ]);
    expect(stdout).toBe(`web is ACTIVE at ${store.path("active", "web")}\n`);
    expect(exitCode).toBe(0);
    expect(readFileSync(store.path("active", "web", "etc", "content"), "utf8")).toBe("one\n");
  });

  test("--json prints the image and nothing else", async () => {
    const fetched = await imgstore.json(0, "fetch", "web", url, image.digest.slice("sha256:".length));
    expect(fetched).toEqual(await imgstore.json(0, "status", "web"));
    expect(fetched).toMatchObject({
      name: "web",
      node: "here",
      source: url,
      checksum: image.digest,
      state: "ACTIVE",
      target: "ACTIVE",
      error: null,
      mountPoint: store.path("active", "web"),
      mountOptions: ["nodev", "nosuid"],
      driver: "overlayfs",
      dueAtMs: null,
    });
  });

  test("--target stored stops there; --mount-options are kept", async () => {
    const args = ["fetch", "web", url, image.digest, "--target", "stored", "--mount-options", "nodev,noexec"];
    const fetched = await imgstore.json(0, ...args);
    expect(fetched).toMatchObject({ state: "STORED", mountPoint: null, mountOptions: ["nodev", "noexec"] });
  });

  test("takes a path, against the working directory, without a digest", async () => {
    const path = relative(store.root, image.path);
    const fetched = await imgstore.json(0, "fetch", "web", path, "--target", "stored");
    expect(fetched).toMatchObject({ source: image.path, checksum: image.digest, state: "STORED" });
  });

  test("--no-wait only registers; worker --once does the rest", async () => {
    const registered = await imgstore.json(0, "fetch", "web", url, image.digest, "--no-wait");
    expect(registered).toMatchObject({ state: "NEW", target: "ACTIVE" });
    expect(server.log).toEqual([]);
    const { exitCode, stdout, stderr } = await imgstore.run("worker", "--once");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(stderr).toMatch(/web finish-activate -> ACTIVE/);
    expect((await imgstore.run("path", "web")).stdout).toBe(`${store.path("active", "web")}\n`);
  });

  test("of the same image again changes nothing", async () => {
    await imgstore.json(0, "fetch", "web", url, image.digest);
    const before = await imgstore.json(0, "history", "web");
    expect((await imgstore.run("fetch", "web", url, image.digest)).exitCode).toBe(0);
    expect(await imgstore.json(0, "history", "web")).toEqual(before);
  });

  test("eight at once of one image: each ends well, each move is made once, one download", async () => {
    const runs = Array.from({ length: 8 }, () => imgstore.run("fetch", "web", url, image.digest));
    expect((await Promise.all(runs)).map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual(
      runs.map(() => 0),
    );
    const history: { readonly move: string }[] = await imgstore.json(0, "history", "web");
    const moves = history.map(({ move }) => move);
    expect(moves).toHaveLength(new Set(moves).size);
    expect(server.log.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("a name of another source is exit 4 with both sources; --replace takes the name over", async () => {
    const other = makeSmallImage(directory, "two");
    await imgstore.json(0, "fetch", "web", url, image.digest);
    const { exitCode, stderr } = await imgstore.run("fetch", "web", other.path);
    expect(exitCode).toBe(4);
    expect(stderr).toContain("(NAME_TAKEN)");
    expect(stderr).toContain(url);
    expect(stderr).toContain(other.path);
    expect(stderr).toContain("--replace");
    const replaced = await imgstore.json(0, "fetch", "web", other.path, "--replace");
    expect(replaced).toMatchObject({ state: "ACTIVE", source: other.path });
    expect(readFileSync(store.path("active", "web", "etc", "content"), "utf8")).toBe("two\n");
  });

  test("a wrong digest is exit 1 with the reason; again it is a retry, with --no-retry only a report", async () => {
    const wrong = `sha256:${"0".repeat(64)}`;
    const { exitCode, stdout, stderr } = await imgstore.run("fetch", "web", url, wrong);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^imgstore: "web" is FAILED: .*\(DIGEST_MISMATCH\)$/m);
    expect(stderr).toMatch(/^ {2}hint: /m);
    const requests = server.log.length;
    const reported = await imgstore.json(1, "fetch", "web", url, wrong, "--no-retry");
    expect(reported).toMatchObject({ state: "FAILED", error: { code: "DIGEST_MISMATCH" } });
    expect(server.log).toHaveLength(requests);
    expect((await imgstore.run("fetch", "web", url, wrong)).exitCode).toBe(1);
    expect(server.log.length).toBeGreaterThan(requests);
    expect((await imgstore.run("retry", "web")).exitCode).toBe(1);
    expect((await imgstore.run("status", "web")).exitCode).toBe(0);
  });

  test("goes on through a source's short outage", async () => {
    const { exitCode, stderr } = await imgstore.run("fetch", "web", `${url}?status=503&times=2`, image.digest);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/web: DOWNLOADING, attempt 1: .*\(SOURCE_UNAVAILABLE\)/);
  });

  test("--timeout is exit 5 while it is being retried, and the image stays on its way", async () => {
    const args = ["fetch", "web", `${url}?status=503`, image.digest, "--timeout", "0.5"];
    const { exitCode, stderr } = await imgstore.run(...args);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/is still DOWNLOADING.*\(TIMED_OUT\)/);
    expect(await imgstore.json(0, "status", "web")).toMatchObject({ state: "DOWNLOADING", worker: null });
  });
});

describe("imgstore activate, deactivate, remove", () => {
  test("keep what was written, drop it, and remove everything", async () => {
    const content = store.path("active", "web", "etc", "content");
    await imgstore.json(0, "fetch", "web", image.path);
    writeFileSync(content, "changed\n");
    expect(await imgstore.json(0, "deactivate", "web")).toMatchObject({ state: "STORED", mountPoint: null });
    expect(await imgstore.json(0, "activate", "web")).toMatchObject({ state: "ACTIVE" });
    expect(readFileSync(content, "utf8")).toBe("changed\n");
    const refused = await imgstore.run("activate", "web", "--fresh");
    expect({ exitCode: refused.exitCode, isNamed: refused.stderr.includes("(ILLEGAL_MOVE)") }).toEqual({
      exitCode: 4,
      isNamed: true,
    });
    await imgstore.json(0, "deactivate", "web");
    await imgstore.json(0, "activate", "web", "--fresh");
    expect(readFileSync(content, "utf8")).toBe("one\n");
    expect(await imgstore.json(0, "rm", "web")).toMatchObject({ name: "web", state: "REMOVED", mountPoint: null });
    expect((await imgstore.run("status", "web")).exitCode).toBe(3);
    const history: { readonly toState: string }[] = await imgstore.json(0, "history", "web");
    expect(history.at(-1)?.toState).toBe("REMOVED");
  });

  test("an image in use stays ACTIVE (exit 4); --force detaches it", async () => {
    await imgstore.json(0, "fetch", "web", image.path);
    const user = spawn("sleep", ["1000"], { cwd: store.path("active", "web"), stdio: "ignore" });
    try {
      await once(user, "spawn");
      const impatient = commandLine(store.root, { IMGSTORE_MAX_ATTEMPTS: "2", IMGSTORE_BACKOFF_MAX_MS: "50" });
      const { exitCode, stderr } = await impatient.run("deactivate", "web");
      expect(exitCode).toBe(4);
      expect(stderr).toMatch(/"web" is still ACTIVE: .*\(IN_USE\)/);
      expect(stderr).toContain(String(user.pid));
      expect(await imgstore.json(0, "deactivate", "web", "--force")).toMatchObject({ state: "STORED" });
    } finally {
      user.kill("SIGKILL");
      await once(user, "exit");
    }
  });

  test("--no-wait changes the target only; sweeps move it one transition each", async () => {
    await imgstore.json(0, "fetch", "web", image.path);
    expect(await imgstore.json(0, "remove", "web", "--no-wait")).toMatchObject({ state: "ACTIVE", target: "REMOVED" });
    const moved: string[] = [];
    for (let sweeps = 0; sweeps < 4; sweeps += 1) moved.push((await imgstore.run("sweep")).stdout.trim());
    expect(moved).toEqual([
      "web: begin-deactivate -> DEACTIVATING",
      "web: finish-deactivate -> STORED",
      "web: begin-remove -> REMOVING",
      "web: finish-remove -> REMOVED",
    ]);
    expect(await imgstore.json(0, "sweep")).toMatchObject({ moved: [], failed: [], nextDueAtMs: null });
  });
});

describe("imgstore list, history, path, gc, doctor", () => {
  test("show what there is, as tables and as JSON", async () => {
    expect(await imgstore.run("list")).toEqual({ exitCode: 0, stdout: "", stderr: "no images\n" });
    expect(await imgstore.json(0, "list")).toEqual({ images: [] });
    await imgstore.json(0, "fetch", "web", image.path, "--target", "stored");
    await imgstore.json(0, "fetch", "db", image.path, "--no-wait");
    const { stdout } = await imgstore.run("ls");
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ["NAME", "STATE", "SINCE", "TARGET"],
      ["db", "NEW", expect.stringMatching(/^\d+s$/), "ACTIVE"],
      ["web", "STORED", expect.stringMatching(/^\d+s$/), "STORED"],
      [""],
    ]);
    expect((await imgstore.json(0, "list", "--state", "stored")).images).toMatchObject([{ name: "web" }]);
    expect((await imgstore.json(0, "list", "--node", "elsewhere")).images).toEqual([]);
    const history: { readonly seq: number }[] = await imgstore.json(0, "history", "web");
    expect(history[0]).toMatchObject({ fromState: null, toState: "NEW", move: "register" });
    expect(history.map(({ seq }) => seq)).toEqual(history.map(({ seq }) => seq).toSorted((a, b) => a - b));
    const { exitCode, stdout: path } = await imgstore.run("path", "web");
    expect({ exitCode, path }).toEqual({ exitCode: 4, path: "" });
  });

  test("gc says what would go, and then removes it", async () => {
    await imgstore.json(0, "fetch", "web", image.path, "--target", "stored");
    await imgstore.json(0, "remove", "web");
    const planned = await imgstore.json(0, "gc", "--dry-run");
    expect(planned.removed.length).toBeGreaterThan(0);
    expect(await imgstore.json(0, "gc")).toEqual({ ...planned, dryRun: false });
    expect((await imgstore.run("gc")).stdout).toBe("0 removed, 0 B\n");
  });

  test("doctor tells each thing that it tried", async () => {
    const { diagnoses } = await imgstore.json(0, "doctor");
    const subjects = (diagnoses as { readonly subject: string }[]).map(({ subject }) => subject);
    expect(subjects).toEqual(expect.arrayContaining(["database", "driver overlayfs"]));
    const { stdout } = await imgstore.run("doctor");
    for (const subject of subjects) expect(stdout).toMatch(new RegExp(`^(yes|no ) {2}${subject} `, "m"));
  });
});
