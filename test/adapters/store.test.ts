import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLocks } from "../../adapters/store/locks.ts";
import { prepareRoot } from "../../adapters/store/root.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-test-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("prepareRoot", () => {
  it("makes a store with its parents, 0700, and finds it again", () => {
    const root = join(directory, "some", "where");
    prepareRoot(root);
    prepareRoot(root);
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(readdirSync(root).toSorted()).toEqual([
      "active",
      "blobs",
      "gc.lock",
      "images",
      "overlays",
      "owner",
      "reap.lock",
      "tmp",
      "verify.lock",
    ]);
  });

  it("leaves a directory with anything else in it as it is", () => {
    chmodSync(directory, 0o755);
    writeFileSync(join(directory, "somebody's"), "");
    expect(() => prepareRoot(directory)).toThrow(expect.objectContaining({ code: "ROOT_NOT_OURS" }));
    expect(statSync(directory).mode & 0o777).toBe(0o755);
    expect(readdirSync(directory)).toEqual(["somebody's"]);
  });

  it("refuses another user's store", () => {
    prepareRoot(join(directory, "s"));
    writeFileSync(join(directory, "s", "owner"), "4242\n");
    expect(() => prepareRoot(join(directory, "s"))).toThrow(/belongs to the user 4242/);
  });

  it.each(["/proc/nothing/here", "/etc/passwd/store", "/dev/null"])("refuses %s with ROOT_NOT_WRITABLE", (root) => {
    expect(() => prepareRoot(root)).toThrow(expect.objectContaining({ code: "ROOT_NOT_WRITABLE" }));
  });

  it("says NO_SPACE where there is no room for one", () => {
    const disk = mountSmallDisk(2 ** 20, 4);
    try {
      expect(() => prepareRoot(join(disk.path, "store"))).toThrow(expect.objectContaining({ code: "NO_SPACE" }));
    } finally {
      disk.remove();
    }
  });

  it("goes on where a crash left the store half made", () => {
    mkdirSync(join(directory, "blobs"));
    prepareRoot(directory);
    expect(existsSync(join(directory, "owner"))).toBe(true);
  });

  it("goes on where a power cut has left of the owner nothing but the name", async () => {
    prepareRoot(directory);
    await createLocks({ root: directory }).alone("gc", async () => undefined);
    writeFileSync(join(directory, "owner"), "");
    prepareRoot(directory);
    expect(readFileSync(join(directory, "owner"), "utf8")).toBe("0\n");
  });
});

describe("createLocks", () => {
  it("says NO_SPACE where a lock cannot be made any more", async () => {
    const disk = mountSmallDisk(2 ** 20, 1);
    try {
      const locks = createLocks({ root: disk.path });
      await expect(locks.alone("gc", async () => "done")).rejects.toMatchObject({ code: "NO_SPACE" });
    } finally {
      disk.remove();
    }
  });

  it("runs one at a time, and lets go also when the act fails", async () => {
    const [first, second] = [createLocks({ root: directory }), createLocks({ root: directory })];
    const inside = await first.alone("gc", () => second.alone("gc", async () => "never"));
    expect(inside).toBeNull();
    await expect(first.alone("gc", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await second.alone("gc", async () => "free")).toBe("free");
  });
});
