import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { landlockVersion } from "../../adapters/linux/landlock.ts";
import { packageRoot } from "../../adapters/package-files.ts";
import { AttackGround, type Tried } from "../support/wall/attackers.ts";

// the binary, not the package's wrapper
const DENO = `${packageRoot}node_modules/@deno/linux-${process.arch === "arm64" ? "arm64" : "x64"}-glibc/deno`;

/** As container engines give it to root: neither mounts nor other processes. */
const AS_IN_A_CONTAINER =
  "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+sys_chroot,+mknod,+setfcap";

const REFUSED_BY_SOME_MACHINES = ["reads through /proc/1/root", "reads a disk by a node of its own"];

let ground: AttackGround;

beforeEach(() => {
  vi.setConfig({ testTimeout: 60_000 });
  ground = new AttackGround();
});

afterEach(() => ground.remove());

/** What succeeded of a thread's attacks, or was refused of its needs. */
function wrongs(tried: Tried | undefined): readonly string[] {
  if (tried === undefined) throw new Error("there was no such thread");
  return [...succeeded(tried.attacks), ...refused(tried.needed)];
}

function succeeded(outcomes: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(outcomes).filter((name) => outcomes[name] === "succeeded");
}

function refused(outcomes: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(outcomes).flatMap(([name, outcome]) => (outcome === "succeeded" ? [] : [`${name} ${outcome}`]));
}

/** The lines that are about this test's directories: other processes mount, too. */
function mountsHere(): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(ground.home));
}

describe("the second wall", () => {
  test("is what stops them: without it, every attack succeeds that the machine does not refuse to everybody", async () => {
    const { main } = await ground.attack({ isConfined: false, prefix: ["unshare", "-m"] });
    const names = Object.keys(main.attacks).filter((name) => !REFUSED_BY_SOME_MACHINES.includes(name));
    expect(names.filter((name) => main.attacks[name] !== "succeeded")).toEqual([]);
  });

  test.each([
    ["Node", { runtime: [process.execPath] }],
    ["Deno", { runtime: [DENO, "run", "--allow-all", "--quiet"], isDeno: true }],
  ])("lets no thread out on %s, and each do all that a tree is made with", async (_, options) => {
    const { isFiltered, main, second, pool } = await ground.attack(options);
    expect([main.wall, second?.wall, isFiltered]).toEqual(["detached-mount", "detached-mount", true]);
    expect(wrongs(main)).toEqual([]);
    expect(wrongs(second)).toEqual([]);
    expect(pool).toBe("refused: ENOENT");
    expect(readdirSync(ground.outside)).toEqual(["secret"]);
    expect(mountsHere()).toEqual([]);
  });

  test.skipIf(landlockVersion() < 2).each([
    // landlock has no say in what is a device: the container's own rules have
    ["root of a container", AS_IN_A_CONTAINER, ["opens a device by a node of its own"]],
    ["who has no capabilities", "-all", []],
  ])("is landlock for %s", async (_, capabilities, possible) => {
    const prefix = ["setpriv", "--bounding-set", capabilities, "--inh-caps=-all"];
    const { isFiltered, main, second } = await ground.attack({ prefix });
    expect([main.wall, second?.wall, isFiltered]).toEqual(["landlock", "landlock", true]);
    expect(succeeded(main.attacks)).toEqual(possible);
    expect(succeeded(second?.attacks ?? {})).toEqual(possible);
    expect(readdirSync(ground.outside)).toEqual(["secret"]);
  });
});
