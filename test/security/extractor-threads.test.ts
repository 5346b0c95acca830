import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../core/limits.ts";
import type { ArrivingTree } from "../../core/ports/layer-trees.ts";
import { archive, entry } from "../support/archive-builder.ts";
import { until } from "../support/child.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();
const NAME = "7.7.0";
const bytes = archive(...Array.from({ length: 40 }, (_, i) => entry({ name: `f${i}` }, Buffer.alloc(50_000, i))));

let tree: ArrivingTree;
let path: string;

/** Waits for the second half of its archive from here on. */
beforeEach(async () => {
  path = join(unpacking().home, "partial");
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  const signal = new AbortController().signal;
  tree = await unpacking().trees.unpackArriving({ location: path, name: NAME, limits: DEFAULT_LIMITS, signal });
  tree.arrived(bytes.length / 2, null);
  await until(() => made().length > 5);
});

afterEach(async () => {
  appendFileSync(path, bytes.subarray(bytes.length / 2));
  await tree.finish(bytes.length, () => {});
  expect(made()).toHaveLength(40);
});

const staging = (): string => join(unpacking().root, "tmp", NAME);

function made(): readonly string[] {
  return existsSync(staging()) ? readdirSync(staging()) : [];
}

/** Directories of /proc about the threads of the only process that this one has started. */
function threads(): readonly string[] {
  const pid = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim();
  return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
}

function statusOf(thread: string, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(readFileSync(join(thread, "status"), "utf8"))?.[1];
}

describe("a process that unpacks", () => {
  test("has the staging directory for the root of every thread, the runtime's too", () => {
    const { ino, dev } = statSync(staging());
    const elsewhere = threads().filter((thread) => {
      const root = statSync(join(thread, "root"));
      return root.ino !== ino || root.dev !== dev;
    });
    expect(elsewhere).toEqual([]);
  });

  test("has a filter of system calls and no way to new privileges in every thread", () => {
    const states = threads().map((thread) => [statusOf(thread, "Seccomp"), statusOf(thread, "NoNewPrivs")].join());
    expect(new Set(states)).toEqual(new Set(["2,1"]));
  });

  test("keeps in the two threads that unpack the capabilities alone that a tree is made with", () => {
    const sets = threads().map((thread) => BigInt(`0x${statusOf(thread, "CapEff")}`));
    // chown, dac_override, fowner, fsetid, sys_admin, mknod, setfcap
    const needed = [0, 1, 3, 4, 21, 27, 31].reduce((bits, number) => bits | (1n << BigInt(number)), 0n);
    expect(sets.filter((set) => set === needed)).toHaveLength(2);
  });

  test("holds no descriptor of a directory but those of the tree's file system that it makes", () => {
    const [main = ""] = threads();
    const outside = statSync(unpacking().root).ino;
    const directories = readdirSync(join(main, "fd")).flatMap((fd) => {
      const file = statSync(join(main, "fd", fd));
      return file.isDirectory() ? [file.ino] : [];
    });
    expect(directories).toContain(statSync(staging()).ino);
    expect(directories).not.toContain(outside);
    expect(directories).not.toContain(statSync(unpacking().home).ino);
  });

  test("is seen in no table of mounts, and holds no mount that ends meanwhile", () => {
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(unpacking().home);
    const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) =>
      join(unpacking().home, name),
    );
    for (const directory of [lower, upper, work, merged]) mkdirSync(directory ?? "");
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},index=on`;
    // the kernel refuses an upper of which somebody still holds the mount
    for (let times = 0; times < 3; times++) {
      execFileSync("mount", ["-t", "overlay", "-o", options, "overlay", merged ?? ""]);
      execFileSync("umount", [merged ?? ""]);
    }
  });
});
