import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeTree } from "../../../adapters/layers/remove-tree.ts";
import { closeFile } from "../../../adapters/linux/file-calls.ts";
import {
  cPath,
  createFileAt,
  makeDirectoryAt,
  openDirectoryAt,
  WORKING_DIRECTORY,
} from "../../../adapters/linux/openat.ts";
import { copyPackage } from "../../support/readable-package.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "imgstore-remove-"));
});
afterEach(() => execFileSync("rm", ["-rf", "--one-file-system", home]));

describe("removeTree", { timeout: 60_000 }, () => {
  test("removes a tree 2,000 levels deep", async () => {
    makeDeep(join(home, "deep"), 2000);
    await removeTree(join(home, "deep"));
    expect(existsSync(join(home, "deep"))).toBe(false);
  });

  test("removes a wide tree with names of any bytes", async () => {
    const tree = join(home, "wide");
    mkdirSync(tree);
    for (let i = 0; i < 3000; i++) writeFileSync(join(tree, `file with spaces ${i}`), "");
    writeFileSync(Buffer.from(`${tree}/\xff\n\xfe`, "latin1"), "");
    await removeTree(tree);
    expect(existsSync(tree)).toBe(false);
  });

  test("does not follow symbolic links, not even as the tree itself", async () => {
    mkdirSync(join(home, "kept"));
    writeFileSync(join(home, "kept", "file"), "");
    mkdirSync(join(home, "tree"));
    symlinkSync(join(home, "kept"), join(home, "tree", "link"));
    symlinkSync(join(home, "kept"), join(home, "link"));
    await removeTree(join(home, "tree"));
    await removeTree(join(home, "link"));
    expect(existsSync(join(home, "link"))).toBe(false);
    expect(existsSync(join(home, "kept", "file"))).toBe(true);
  });

  test("removes directories of mode 000, for their owner too", async () => {
    const tree = join(home, "closed");
    mkdirSync(join(tree, "a", "b"), { recursive: true });
    writeFileSync(join(tree, "a", "b", "f"), "");
    const built = copyPackage(join(home, "package"));
    execFileSync("chown", ["-R", "65534:65534", home]);
    for (const path of [join(tree, "a", "b"), join(tree, "a"), tree]) chmodSync(path, 0);
    const script = `import("${built("adapters/layers/remove-tree.js")}").then((m) => m.removeTree(process.argv[1]))`;
    execFileSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "-e", script, tree]);
    expect(existsSync(tree)).toBe(false);
  });

  test.each(["another file system", "the same file system"])(
    "stops at a mount of %s, and leaves what is in it",
    async (which) => {
      const tree = join(home, "tree");
      const inside = join(tree, "below", "mounted");
      mkdirSync(inside, { recursive: true });
      const kept = join(home, "kept");
      mkdirSync(kept);
      if (which === "another file system") execFileSync("mount", ["-t", "tmpfs", "tmpfs", inside]);
      else execFileSync("mount", ["--bind", kept, inside]);
      try {
        writeFileSync(join(inside, "precious"), "data");
        await expect(removeTree(tree)).rejects.toMatchObject({ code: "IN_USE" });
        expect(readFileSync(join(inside, "precious"), "utf8")).toBe("data");
      } finally {
        execFileSync("umount", [inside]);
      }
      await removeTree(tree);
      expect(existsSync(tree)).toBe(false);
    },
  );

  test("does nothing where there is nothing, and removes a file", async () => {
    await removeTree(join(home, "none"));
    writeFileSync(join(home, "file"), "");
    await removeTree(join(home, "file"));
    expect(existsSync(join(home, "file"))).toBe(false);
    rmSync(home, { recursive: true });
    await removeTree(join(home, "none", "below"));
  });

  test("lets the event loop run meanwhile", async () => {
    const tree = join(home, "large");
    execFileSync("bash", [
      "-c",
      'mkdir "$1"; cd "$1"; for d in {1..40}; do mkdir $d; touch $d/{1..100}; done',
      "bash",
      tree,
    ]);
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await removeTree(tree);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });
});

/** A directory in a directory in a directory, with a file in each; no path is long enough to name the last one. */
function makeDeep(path: string, levels: number): void {
  let dir = WORKING_DIRECTORY;
  for (let level = 0; level < levels; level++) {
    const name = level === 0 ? path : "a directory";
    makeDirectoryAt(dir, cPath(name), 0o755);
    const child = openDirectoryAt(dir, cPath(name));
    if (level > 0) closeFile(dir);
    dir = child;
    closeFile(createFileAt(dir, cPath("file"), 0o644));
  }
  closeFile(dir);
}
