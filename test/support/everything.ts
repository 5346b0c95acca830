import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setFileXattr } from "./file-xattr.ts";

/** Makes a tree of everything that a file system can have, but access control lists. */
export function makeEverything(source: string): void {
  makeFiles(source);
  makeOthers(source);
  setAttributes(source);
}

/** Gives some of it access control lists, for ids that no name of this machine stands for, and for some that one does. */
export function addAcls(source: string): void {
  const set = (acl: string, ...names: string[]): void =>
    void execFileSync("setfacl", ["-m", acl, ...names.map((name) => join(source, name))]);
  set("u:12345:rw,u:4000000000:x,g:23456:r,m::rwx", "dir/empty", "suid");
  set("u:34567:---,g:45678:---,m::r", "big");
  set("d:u:12345:rwx,d:g:23456:x,u:12345:rx", "dir/deep", "sticky");
  set("u:0:rwx,g:0:rwx", "fifo");
  set("u:12345:rwx,d:o::---", ".");
}

function makeFiles(source: string): void {
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
  writeFileSync(Buffer.from(`${source}/\xff\xfe-\xe9`, "latin1"), "no UTF-8");
  writeFileSync(at("caf\u00e9 \u202e"), "UTF-8");
  writeFileSync(at("a\nb\\c"), "a newline");
  writeFileSync(at("x".repeat(255)), "long");
}

function makeOthers(source: string): void {
  const at = (...names: string[]): string => join(source, ...names);
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
  linkSync(at("null"), at("null-again"));
  execFileSync("mkfifo", ["-m", "640", at("fifo")]);
  linkSync(at("fifo"), at("fifo-again"));
  mkdirSync(at("y".repeat(200), "z".repeat(200)), { recursive: true });
  symlinkSync("t".repeat(300), at("long-target"));
}

function setAttributes(source: string): void {
  const at = (...names: string[]): string => join(source, ...names);
  setFileXattr(at("dir", "file"), "user.text", "value");
  setFileXattr(at("dir", "empty"), "user.a=b%c", "\0binary\n\xff");
  setFileXattr(at("dir", "deep"), "user.of-directory", "yes");
  execFileSync("setcap", ["cap_net_raw+ep", at("big")]);
  utimesSync(at("dir", "empty"), 1, 1_500_000_000.123_456_7);
  execFileSync("touch", ["-d", "2038-01-19T03:14:08.123456789Z", at("dir", "block")]);
  lutimesSync(at("absolute"), -1.5, -1.25);
  utimesSync(at("dir"), 5, 1_234_567_890.987_65);
  chmodSync(source, 0o751);
  chownSync(source, 12, 13);
  setFileXattr(source, "user.root", "r");
  utimesSync(source, 1, 86_400.5);
}

/** Makes sparse files: in fragments, of nothing but a hole, and with a hole at its end. */
export function makeSparseFiles(source: string): void {
  mkdirSync(source);
  const fragmented = Buffer.alloc(4_000_000);
  for (let at = 0; at < fragmented.length; at += 100_000) fragmented.write(`at ${at}`, at);
  writeFileSync(join(source, "fragmented"), fragmented);
  execFileSync("fallocate", ["--dig-holes", join(source, "fragmented")]);
  writeFileSync(join(source, "hole-only"), "");
  truncateSync(join(source, "hole-only"), 5_000_000);
  writeFileSync(join(source, "hole-last"), "beginning");
  truncateSync(join(source, "hole-last"), 1_000_000);
}
