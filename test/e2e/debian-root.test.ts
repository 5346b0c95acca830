import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { differences } from "../../scripts/faults/audit/describe-tree.ts";
import { type FileServer, serveFile } from "../../scripts/serve-file.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { debianRootfs } from "../support/debian-rootfs.ts";
import { extractorOf } from "../support/extractor-of.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const MINUTES = 60_000;
const FIRST_IN_UNPACKING = 5;

describe("a real Debian root file system over HTTP", () => {
  let store: TemporaryStore;
  let command: CommandLine;
  let server: FileServer;

  beforeEach(async () => {
    store = makeTemporaryStore();
    command = commandLine(store.root);
  });

  afterEach(async () => {
    await command.end();
    await server.close();
    await store.remove();
  }, MINUTES);

  it(
    "is mounted as GNU tar extracts it, and runs dpkg in a chroot",
    async () => {
      const rootfs = await debianRootfs();
      expect(rootfs.entries).toBeGreaterThan(5000);
      server = await serveFile(rootfs.path);

      const fetched = await command.json(0, "fetch", "debian", server.url, rootfs.sha256);
      expect(fetched).toMatchObject({ state: "ACTIVE", driver: "overlayfs" });

      const expected = store.path("expected");
      mkdirSync(expected);
      const options = ["--xattrs", "--xattrs-include=*", "--numeric-owner", "--same-owner", "-xpf", rootfs.path];
      execFileSync("tar", [...options, "-C", expected]);
      expect(differences(fetched.mountPoint, expected)).toEqual([]);

      const { stdout } = await command.run("path", "debian");
      const inside = execFileSync("chroot", [stdout.trim(), "/bin/sh", "-c", "dpkg -l | tail -1"], {
        encoding: "utf8",
      });
      expect(inside).toMatch(/^ii {2}\S+ +\S+/);
    },
    5 * MINUTES,
  );

  it(
    "is ACTIVE in the end though its worker is killed ten times in the middle",
    async () => {
      const rootfs = await debianRootfs();
      server = await serveFile(rootfs.path, 60e6);
      const short = commandLine(store.root, { IMGSTORE_LEASE_MS: "1500", IMGSTORE_BACKOFF_MAX_MS: "100" });
      await short.json(0, "fetch", "debian", server.url, rootfs.sha256, "--no-wait");

      const states = [...Array<string>(FIRST_IN_UNPACKING).fill("DOWNLOADING"), ...Array<string>(5).fill("UNPACKING")];
      for (const [index, state] of states.entries()) {
        const worker = short.start("worker");
        // else the tree would be complete when the download is, and there would be no UNPACKING to be killed in
        if (index === FIRST_IN_UNPACKING) process.kill(await extractorOf(worker.child.pid), "SIGKILL");
        await untilHeldBy(short, worker.child.pid, state);
        await delay(100);
        worker.child.kill("SIGKILL");
        await worker.finished;
      }

      await untilActive(short);
      const status = await short.json(0, "status", "debian");
      expect(status).toMatchObject({ state: "ACTIVE", error: null });

      const history = await short.json(0, "history", "debian");
      const moves = history.filter((row: Row) => row.fromState !== row.toState);
      expect(moves.map((row: Row) => row.move)).toEqual([
        "register",
        "begin-download",
        "finish-download",
        "begin-unpack",
        "finish-unpack",
        "store",
        "begin-activate",
        "finish-activate",
      ]);
      for (const [before, after] of pairs<Row>(moves)) expect(after.fromState).toBe(before.toState);
      const lost = history.filter((row: Row) => row.error?.code === "LEASE_EXPIRED");
      expect(lost.map((row: Row) => row.fromState)).toEqual(states);

      expect(readdirSync(store.path("tmp"))).toEqual([]);
      expect(readdirSync(store.path("blobs"))).toEqual([rootfs.sha256]);
      expect(readdirSync(store.path("images"))).toHaveLength(1);
      expect(readdirSync(store.path("active"))).toEqual(["debian"]);
      expect(mountsBelow(store.root)).toHaveLength(1);
    },
    5 * MINUTES,
  );

  interface Row {
    readonly fromState: string | null;
    readonly toState: string;
    readonly move: string;
    readonly error: { readonly code: string } | null;
  }

  async function untilHeldBy(cli: CommandLine, pid: number | undefined, state: string): Promise<void> {
    for (;;) {
      const image = await cli.json(0, "status", "debian");
      if (image.state === state && image.worker?.includes(`:${pid}:`)) return;
      expect(["UNPACKED", "STORED", "ACTIVE", "FAILED"]).not.toContain(image.state);
    }
  }

  /** `worker --once` also ends while the lease of a dead worker still runs. */
  async function untilActive(cli: CommandLine): Promise<void> {
    for (;;) {
      const { exitCode } = await cli.run("worker", "--once");
      expect(exitCode).toBe(0);
      const { state } = await cli.json(0, "status", "debian");
      if (state === "ACTIVE") return;
      expect(state).not.toBe("FAILED");
    }
  }
});

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.slice(1).flatMap((after, index): [T, T][] => {
    const before = list[index];
    return before === undefined ? [] : [[before, after]];
  });
}

function mountsBelow(root: string): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.filter((line) => line.split(" ")[4]?.startsWith(`${root}/`));
}
