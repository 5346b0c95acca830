import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandFile } from "../../scripts/command-file.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

let store: TemporaryStore;
let root: string;
let command: CommandLine;

beforeEach(async () => {
  store = makeTemporaryStore();
  root = store.path("store");
  mkdirSync(root);
  command = commandLine(root);
  const image = makeSmallImage(store.path());
  for (const name of ["a", "b"]) await command.json(0, "fetch", name, image.path);
  for (const name of ["a", "b"]) writeFileSync(mounted(name, "written"), `by hand in ${name}`);
});
afterEach(async () => {
  await command.end();
  await store.remove();
});

const mounted = (name: string, ...parts: string[]): string => store.path("store", "active", name, ...parts);

/** A shell in a mount namespace of its own, whose mounts end with it. */
function inNamespace(script: string): {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { PATH = "", HOME = "" } = process.env;
  const imgstore = `imgstore() { "${process.execPath}" "${commandFile}" "$@"; }`;
  const ended = spawnSync("unshare", ["--mount", "--propagation", "private", "sh", "-c", `${imgstore}\n${script}`], {
    env: { PATH, HOME, IMGSTORE_ROOT: root, IMGSTORE_NODE: "here" },
    encoding: "utf8",
  });
  return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

const versions = async (): Promise<number[]> =>
  (await command.json(0, "list")).images.map(({ version }: { version: number }) => version);

describe("after a reboot", () => {
  // The power went: nothing is mounted, and the kernel is another one.
  const reboot = (): string => {
    for (const name of ["a", "b"]) execFileSync("umount", [mounted(name)]);
    const bootId = store.path("boot-id");
    writeFileSync(bootId, `${randomUUID()}\n`);
    return `mount --bind "${bootId}" /proc/sys/kernel/random/boot_id`;
  };

  test.each([["worker --once"], ["sweep >&2 && imgstore sweep >&2 && imgstore sweep"]])(
    "imgstore %s mounts every ACTIVE image again, with what was written into it",
    async (sweeping) => {
      const booted = inNamespace(
        `${reboot()} && imgstore ${sweeping} >&2 && cat "${mounted("a", "written")}" "${mounted("b", "written")}"`,
      );
      expect(booted).toMatchObject({ exitCode: 0, stdout: "by hand in aby hand in b" });
      for (const name of ["a", "b"]) {
        const history = await command.json(0, "history", name);
        expect(history.map(({ move }: { move: string }) => move).slice(-2)).toEqual(["remount", "finish-activate"]);
        expect(history.at(-2).error.message).toMatch(/started again/);
      }
    },
  );

  test("imgstore activate of an image that was ACTIVE mounts it, too", () => {
    const booted = inNamespace(
      `${reboot()} && imgstore worker --once && imgstore activate a >&2 && cat "${mounted("a", "written")}"`,
    );
    expect(booted).toMatchObject({ exitCode: 0 });
    expect(booted.stdout).toContain("by hand in a");
  });
});

describe("in another mount namespace", () => {
  test("imgstore sweep judges no mount, says so, and leaves rows and mounts as they are", async () => {
    const before = await versions();
    // what is unmounted here is still mounted where it was made
    const elsewhere = inNamespace(`umount "${mounted("a")}"; imgstore sweep --json`);
    expect(elsewhere.exitCode).toBe(6);
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ moved: [], failed: [], unjudged: 2, nextDueAtMs: null });
    expect(elsewhere.stderr).toMatch(/2 ACTIVE images are mounted in another mount namespace.*OTHER_NAMESPACE/);
    expect(await versions()).toEqual(before);
    expect(readFileSync(mounted("a", "written"), "utf8")).toBe("by hand in a");
  });

  test("imgstore worker judges no mount, and says so once", async () => {
    const before = await versions();
    const elsewhere = inNamespace(`umount "${mounted("a")}"; imgstore worker --once`);
    expect(elsewhere.exitCode).toBe(0);
    expect(elsewhere.stderr.match(/OTHER_NAMESPACE/g)).toHaveLength(1);
    expect(await versions()).toEqual(before);
    expect(existsSync(mounted("a", "written"))).toBe(true);
  });

  test("imgstore deactivate refuses, and says where to run it", async () => {
    const elsewhere = inNamespace("imgstore deactivate a --timeout 3");
    expect(elsewhere.exitCode).toBe(6);
    expect(elsewhere.stderr).toMatch(/nsenter --target \d+ --mount/);
    expect(readFileSync(mounted("a", "written"), "utf8")).toBe("by hand in a");
    expect(await command.json(0, "deactivate", "a")).toMatchObject({ state: "STORED" });
  });
});
