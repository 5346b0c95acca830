import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { thisPlatform } from "../../adapters/sources/image-archive/this-platform.ts";
import { differences } from "../../scripts/faults/audit/describe-tree.ts";
import { archive, entry } from "../support/archive-builder.ts";
import { until } from "../support/child.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { setFileXattr } from "../support/file-xattr.ts";
import { newDockerFiles, packed } from "../support/image-archive.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";
import { makeUmociImage } from "../support/umoci-image.ts";

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let store: TemporaryStore;
let directory: string;
let imgstore: CommandLine;

beforeEach(() => {
  store = makeTemporaryStore();
  directory = mkdtempSync(join(tmpdir(), "imgstore-images-"));
  imgstore = commandLine(store.root);
});
afterEach(async () => {
  await imgstore.end();
  await store.remove();
  rmSync(directory, { recursive: true });
});

/** Whatever a layer may do to what lies below it; one change a layer. */
const CHANGES: readonly ((root: string) => void)[] = [
  function base(root) {
    const at = (...names: string[]): string => join(root, ...names);
    for (const path of ["bin", "etc/conf.d", "usr/lib/deep/er", "var/cache", "moved/within", "tmp", "private"]) {
      mkdirSync(at(path), { recursive: true });
    }
    chmodSync(at("tmp"), 0o1777);
    chmodSync(at("private"), 0o2750);
    chownSync(at("private"), 12, 34);
    for (const path of ["etc/keep", "etc/delete", "etc/replace", "etc/conf.d/one", "usr/lib/deep/er/file"]) {
      writeFileSync(at(path), `${path} of the base\n`);
    }
    for (const path of ["var/cache/a", "var/cache/b", "moved/within/file", "becomes-directory"]) {
      writeFileSync(at(path), `${path} of the base\n`);
    }
    writeFileSync(at("bin/tool"), "#!/bin/sh\n");
    chmodSync(at("bin/tool"), 0o4755);
    linkSync(at("bin/tool"), at("bin/other-name"));
    symlinkSync("usr/lib", at("lib"));
    symlinkSync("/nowhere", at("etc/dangling"));
    setFileXattr(at("etc/keep"), "user.note", "kept");
    execFileSync("mknod", [at("null"), "c", "1", "3"]);
    chmodSync(root, 0o711);
  },
  function change(root) {
    const at = (...names: string[]): string => join(root, ...names);
    rmSync(at("etc/delete"));
    writeFileSync(at("etc/replace"), "replaced\n");
    chmodSync(at("etc/replace"), 0o600);
    // the parents stay as they are, and umoci does not list them
    writeFileSync(at("usr/lib/deep/er/file"), "changed in its place\n");
    renameSync(at("moved"), at("renamed"));
    rmSync(at("becomes-directory"));
    mkdirSync(at("becomes-directory"));
    writeFileSync(at("becomes-directory/file"), "file\n");
    rmSync(at("etc/conf.d"), { recursive: true });
    writeFileSync(at("etc/conf.d"), "a file now\n");
    rmSync(at("var/cache"), { recursive: true });
    mkdirSync(at("var/cache"));
    writeFileSync(at("var/cache/c"), "all that is left\n");
    rmSync(at("lib"));
    mkdirSync(at("lib"));
    writeFileSync(at("lib/file"), "no link any more\n");
  },
  function again(root) {
    const at = (...names: string[]): string => join(root, ...names);
    writeFileSync(at("tmp/later"), "later\n");
    utimesSync(at("tmp"), 1_000_000_000, 1_000_000_000);
    writeFileSync(at("etc/delete"), "back again\n");
    rmSync(at("etc/conf.d"));
    mkdirSync(at("etc/conf.d"));
    writeFileSync(at("etc/conf.d/two"), "two\n");
    rmSync(at("becomes-directory"), { recursive: true });
    symlinkSync("etc", at("becomes-directory"));
    rmSync(at("bin/tool"));
    chownSync(at("private"), 56, 78);
  },
  function last(root) {
    writeFileSync(join(root, "usr/lib/deep/er/file"), "changed once more\n");
    writeFileSync(join(root, "private/file"), "below a directory of somebody\n");
    utimesSync(join(root, "private"), 1_000_000_000, 1_000_000_000);
  },
];

describe("an image of several layers, from skopeo's archives", () => {
  test("is mounted as umoci unpacks it", async () => {
    const image = makeUmociImage(directory, CHANGES);
    const [docker, oci] = [image.save("docker"), image.save("oci")];
    const sources = {
      docker: `docker-archive:${docker}`,
      "docker-by-name": `docker-archive:${docker}:example.test/image`,
      oci: `oci-archive:${oci}`,
      "oci-by-tag": `oci-archive:${oci}:latest`,
    };
    for (const [name, source] of Object.entries(sources)) {
      const { mountPoint, layers } = await imgstore.json(0, "fetch", name, source);
      expect(layers).toHaveLength(CHANGES.length);
      expect(differences(mountPoint, image.rootfs)).toEqual([]);
    }
    // Compressed or not, the trees are the same.
    expect(readdirSync(store.path("images"))).toHaveLength(CHANGES.length);
  });

  test("a relative path is one of the working directory, and a wrong TAG is told with those that there are", async () => {
    const file = join(directory, "image.tar");
    const path = relative(store.root, file);
    const layers = [archive(entry({ name: "file" }, "text"))];
    writeFileSync(file, packed(newDockerFiles([{ layers, tags: ["app:1"], platform: thisPlatform() }])));
    const { source } = await imgstore.json(0, "fetch", "app", `docker-archive:${path}:app:1`);
    expect(source).toBe(`docker-archive:${file}:app:1`);
    const { exitCode, stderr } = await imgstore.run("fetch", "none", `docker-archive:${path}:app:2`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/app:2.*app:1.*\(NO_SUCH_TAG\)/s);
  });
});

test("a fetch that is killed between two layers goes on with those that are not stored yet", async () => {
  const layers = Array.from({ length: 4 }, (_, n) => archive(entry({ name: `file-${n}` }, randomBytes(24e6))));
  const file = join(directory, "image.tar");
  writeFileSync(file, packed(newDockerFiles([{ layers, platform: thisPlatform() }])));
  const short = commandLine(store.root, { IMGSTORE_LEASE_MS: "1000" });
  const stored = (): string[] => readdirSync(store.path("blobs")).filter((name) => !name.endsWith(".tmp"));

  const killed = short.start("fetch", "app", `docker-archive:${file}`);
  await until(() => stored().length > 0 || killed.child.exitCode !== null);
  killed.child.kill("SIGKILL");
  await killed.finished;
  const before = stored().map((name) => [name, statSync(store.path("blobs", name)).ino]);

  const image = await short.json(0, "fetch", "app", `docker-archive:${file}`);
  expect(image).toMatchObject({ state: "ACTIVE", error: null });
  expect(before.length).toBeGreaterThan(0);
  for (const [name, inode] of before) expect(statSync(store.path("blobs", String(name))).ino).toBe(inode);
  const history: { readonly fromState: string; readonly error: { readonly code: string } | null }[] = await short.json(
    0,
    "history",
    "app",
  );
  expect(history.filter(({ error }) => error !== null)).toMatchObject([
    { fromState: "DOWNLOADING", error: { code: "LEASE_EXPIRED" } },
  ]);
  expect(readdirSync(store.path("active", "app")).toSorted()).toEqual(["file-0", "file-1", "file-2", "file-3"]);
  expect(readdirSync(store.path("tmp"))).toEqual([]);
  await short.end();
});
