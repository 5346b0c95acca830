import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packageRoot } from "../../adapters/package-files.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/imgstore-test-image-`);
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function create(...args: string[]): void {
  execFileSync("bash", [`${packageRoot}scripts/create-test-image.sh`, ...args], { cwd: directory, stdio: "pipe" });
}

function tar(...args: string[]): string {
  return execFileSync("tar", args, { cwd: directory, encoding: "utf8" });
}

describe("create-test-image.sh", () => {
  test("writes ./test-image.tar with what a careless unpacker gets wrong", () => {
    create();
    const listing = tar("--list", "--verbose", "--verbose", "--xattrs", "--numeric-owner", "--file", "test-image.tar");
    for (const expected of [
      /^crw-rw-rw- +0\/0 +1,3 .*\.\/dev\/null$/m,
      /^brw-rw-rw- +0\/0 +7,0 .*\.\/dev\/loop0$/m,
      /^prw--w---- .*\.\/run\/fifo$/m,
      /^-rwsr-xr-x +0\/0 .*\.\/usr\/bin\/id$/m,
      /^drwxr-sr-x .*\.\/var\/log\/$/m,
      /^drwxrwxrwt .*\.\/tmp\/$/m,
      /^h.*\.\/usr\/bin\/cat-hard link to \.\/usr\/bin\/cat$/m,
      /^l.*\.\/usr\/bin\/absolute-sh -> \/usr\/bin\/sh$/m,
      /^l.*\.\/etc\/dangling -> \/nowhere\/to\/be\/found$/m,
      /^-rw-r--r--\*? +1000\/1000 .*\.\/home\/user\/notes\.txt$/m,
      /^-rw-r--r--\* .*\.\/etc\/motd$\n +x: +4 user\.comment$/m,
    ]) {
      expect(listing).toMatch(expected);
    }
  });

  test("writes the same bytes again, also under another name", () => {
    create();
    create("other.tar");
    expect(readFileSync(`${directory}/other.tar`).equals(readFileSync(`${directory}/test-image.tar`))).toBe(true);
  });

  test("makes a root file system that runs a shell of its own", () => {
    create();
    execFileSync("mkdir", ["root"], { cwd: directory });
    tar("--extract", "--file", "test-image.tar", "--directory", "root");
    const said = execFileSync("chroot", ["root", "/bin/sh", "-c", "cat /etc/motd; id -u"], {
      cwd: directory,
      encoding: "utf8",
    });
    expect(said).toBe("This is the lower layer: it never changes.\n0\n");
  });
});
