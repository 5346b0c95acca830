import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isImplied } from "../../../core/archive/implied.ts";
import { xattrsOf } from "../../../scripts/faults/audit/describe-tree.ts";

/** What a tree has under each path (one character a byte; its root is "."), as a person would say it. */
export type TreeSummary = Readonly<Record<string, string>>;

/** Contents that are shown as they are. */
const MAX_SHOWN_BYTES = 100;
const ORDINARY_ROOT = "dir 755";

/**
 * A whole tree in words: `dir 755`, `file 644 "contents"`, `link "target"`, `char 1:3 600`, `block …`, `fifo …`,
 * `whiteout`; then, where they are not 0:0, 0 (or that of what the archive does not list) and none, ` of 5:6` (the owner), ` at 7.5` (the time), ` = other` (an
 * earlier name of it) and extended attributes. A root that is `dir 755` is left out.
 */
export function summaryOf(root: string): TreeSummary {
  const found: Record<string, string> = {};
  const names = new Map<bigint, string>();
  const visit = (path: Buffer, name: string): void => {
    const stat = lstatSync(path, { bigint: true });
    const words = `${kindOf(path, stat)}${attributesOf(path, stat)}${otherName(stat, name, names)}`;
    if (name !== "" || words !== ORDINARY_ROOT) found[name === "" ? "." : name] = words;
    if (!stat.isDirectory()) return;
    inDirectory(path, (shortPath) => {
      for (const child of readdirSync(shortPath, { encoding: "buffer" })) {
        const childName = child.toString("latin1");
        visit(Buffer.concat([shortPath, Buffer.from("/"), child]), name === "" ? childName : `${name}/${childName}`);
      }
    });
  };
  visit(Buffer.from(root), "");
  return found;
}

/** A file's contents in words: as they are where they are few. */
export function summaryOfContents(contents: Buffer): string {
  if (contents.length <= MAX_SHOWN_BYTES) return quoted(contents);
  return `${contents.length} bytes ${createHash("sha256").update(contents).digest("hex").slice(0, 8)}`;
}

/** Runs with a path of a directory that is short enough for names to be put behind it. */
function inDirectory(path: Buffer, use: (path: Buffer) => void): void {
  if (path.length < 3000) return use(path);
  const fd = openSync(path, "r");
  try {
    use(Buffer.from(`/proc/self/fd/${fd}`));
  } finally {
    closeSync(fd);
  }
}

function kindOf(path: Buffer, stat: BigIntStats): string {
  const mode = (stat.mode & 0o7777n).toString(8);
  if (stat.isDirectory()) return `dir ${mode}`;
  if (stat.isFile()) return `file ${mode} ${contentsOf(path, stat)}`;
  if (stat.isSymbolicLink()) return `link ${quoted(readlinkSync(path, { encoding: "buffer" }))}`;
  if (stat.isFIFO()) return `fifo ${mode}`;
  if (stat.isCharacterDevice() && stat.rdev === 0n) return "whiteout";
  const [major, minor] = [(stat.rdev >> 8n) & 0xfffn, (stat.rdev & 0xffn) | ((stat.rdev >> 12n) & 0xfff00n)];
  return `${stat.isCharacterDevice() ? "char" : "block"} ${major}:${minor} ${mode}`;
}

function contentsOf(path: Buffer, stat: BigIntStats): string {
  if (stat.size > 2n ** 26n) return `${stat.size} bytes in ${stat.blocks} blocks`;
  return summaryOfContents(readFileSync(path));
}

function attributesOf(path: Buffer, stat: BigIntStats): string {
  const isWhiteout = stat.isCharacterDevice() && stat.rdev === 0n;
  const isUntimed = stat.mtimeNs === 0n || isWhiteout || (stat.isDirectory() && isImplied(stat.mtimeNs));
  const owner = stat.uid === 0n && stat.gid === 0n ? "" : ` of ${stat.uid}:${stat.gid}`;
  const time = isUntimed ? "" : ` at ${Number(stat.mtimeNs) / 1e9}`;
  const xattrs = xattrsOf(path).map(([name, value]) => ` ${name}=${quoted(value)}`);
  return [owner, time, ...xattrs].join("");
}

function otherName(stat: BigIntStats, name: string, names: Map<bigint, string>): string {
  if (stat.isDirectory() || stat.nlink === 1n) return "";
  const first = names.get(stat.ino);
  if (first !== undefined) return ` = ${first}`;
  names.set(stat.ino, name);
  return "";
}

function quoted(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1"));
}
