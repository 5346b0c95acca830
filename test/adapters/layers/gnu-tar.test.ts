import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import { setFileXattr } from "../../support/file-xattr.ts";
import { createWithGnuTar, extractWithGnuTar } from "../../support/gnu-tar.ts";
import { differences } from "../../support/tree-compare.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();

/** Unpacks with both; how the trees differ. */
async function compare(archive: Uint8Array): Promise<string[]> {
  const blob = unpacking().store(archive);
  const theirs = join(unpacking().home, "gnu");
  extractWithGnuTar(join(unpacking().root, "blobs", hexOf(blob)), theirs);
  const { name } = await unpacking().unpack(blob);
  return differences(join(unpacking().root, "tmp", name), theirs);
}

function makeEverything(): string {
  const source = join(unpacking().home, "source");
  const at = (...names: string[]): string => join(source, ...names);
  mkdirSync(at("dir", "deep", "er"), { recursive: true });
  writeFileSync(at("dir", "file"), "contents");
  writeFileSync(at("dir", "empty"), "");
  writeFileSync(at("dir", "block"), Buffer.alloc(512, 1));
  writeFileSync(at("big"), Buffer.alloc(3_000_001, "big"));
  writeFileSync(at("suid"), "s");
  chownSync(at("suid"), 1000, 1001);
  chmodSync(at("suid"), 0o6755);
  writeFileSync(at("root-suid"), "s");
  chmodSync(at("root-suid"), 0o4711);
  chownSync(at("dir", "file"), 4_000_000_000, 123_456);
  mkdirSync(at("sticky"));
  chmodSync(at("sticky"), 0o3777);
  chownSync(at("sticky"), 0, 7);
  mkdirSync(at("closed"), { mode: 0o000 });
  symlinkSync("/etc/passwd", at("absolute"));
  symlinkSync("../../../outside", at("dangling"));
  symlinkSync("dir", at("to-dir"));
  linkSync(at("dir", "file"), at("dir", "deep", "hard"));
  linkSync(at("to-dir"), at("hard-symlink"));
  execFileSync("mknod", [at("null"), "c", "1", "3"]);
  execFileSync("mknod", [at("large"), "b", "259", "70000"]);
  execFileSync("mkfifo", ["-m", "640", at("fifo")]);
  linkSync(at("fifo"), at("fifo-again"));
  writeFileSync(Buffer.from(`${source}/\xff\xfe-\xe9`, "latin1"), "no UTF-8");
  writeFileSync(at("x".repeat(255)), "long");
  mkdirSync(at("y".repeat(200), "z".repeat(200)), { recursive: true });
  symlinkSync("t".repeat(300), at("long-target"));
  setFileXattr(at("dir", "file"), "user.text", "value");
  setFileXattr(at("dir", "empty"), "user.a=b%c", "\0binary\n\xff");
  setFileXattr(at("dir", "deep"), "user.of-directory", "yes");
  execFileSync("setcap", ["cap_net_raw+ep", at("big")]);
  utimesSync(at("dir", "empty"), 1, 1_500_000_000.123_456_7);
  lutimesSync(at("absolute"), -1.5, -1.25);
  utimesSync(at("dir"), 5, 1_234_567_890.987_65);
  chmodSync(source, 0o751);
  chownSync(source, 12, 13);
  setFileXattr(source, "user.root", "r");
  utimesSync(source, 1, 86_400.5);
  return source;
}

describe("unpack makes the tree that GNU tar makes", () => {
  for (const format of ["posix", "gnu", "oldgnu"]) {
    test(`of everything a file system can have, in the format ${format}`, async () => {
      const archive = createWithGnuTar(makeEverything(), format);
      expect(await compare(archive)).toEqual([]);
    });
  }

  test("of a gzip of several members with zeros after them", async () => {
    const archive = createWithGnuTar(makeEverything());
    const half = Math.floor(archive.length / 2);
    const stored = [gzipSync(archive.subarray(0, half)), gzipSync(archive.subarray(half)), Buffer.alloc(700)];
    expect(await compare(Buffer.concat(stored))).toEqual([]);
  });

  for (const version of ["oldgnu", "0.0", "0.1", "1.0"]) {
    test(`of sparse files, kept with their holes, in the format ${version}`, async () => {
      const source = join(unpacking().home, "source");
      mkdirSync(source);
      const fragmented = Buffer.alloc(4_000_000);
      for (let at = 0; at < fragmented.length; at += 100_000) fragmented.write(`at ${at}`, at);
      writeFileSync(join(source, "fragmented"), fragmented);
      execFileSync("fallocate", ["--dig-holes", join(source, "fragmented")]);
      writeFileSync(join(source, "hole-only"), "");
      truncateSync(join(source, "hole-only"), 5_000_000);
      writeFileSync(join(source, "hole-last"), "beginning");
      truncateSync(join(source, "hole-last"), 1_000_000);
      const archive =
        version === "oldgnu"
          ? createWithGnuTar(source, "oldgnu", ["--sparse"])
          : createWithGnuTar(source, "posix", ["--sparse", `--sparse-version=${version}`]);
      expect(archive.length).toBeLessThan(1_000_000);
      expect(await compare(archive)).toEqual([]);
      const ours = join(unpacking().root, "tmp", "1.1.0");
      expect(statSync(join(ours, "hole-only")).blocks).toBe(0);
      expect(statSync(join(ours, "fragmented")).blocks * 512).toBeLessThan(1_000_000);
    });
  }

  test("of this machine's /etc, its programs and some of its libraries", async () => {
    const source = join(unpacking().home, "source");
    mkdirSync(source);
    execFileSync("cp", ["-a", "/etc", "/usr/sbin", source]);
    execFileSync("sh", ["-c", `cp -a /usr/lib/*-linux-gnu/lib[ab]* ${source}`]);
    expect(await compare(gzipSync(createWithGnuTar(source), { level: 1 }))).toEqual([]);
  });
});
