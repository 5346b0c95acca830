import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { hasCode } from "../../../adapters/linux/errno.ts";
import { declare, lastError } from "../../../adapters/linux/ffi.ts";

const llistxattr = declare<(path: Uint8Array, list: Uint8Array, sizeBytes: number) => number>(
  "long llistxattr(const void*, void*, size_t)",
);
const lgetxattr = declare<(path: Uint8Array, name: Uint8Array, value: Uint8Array, sizeBytes: number) => number>(
  "long lgetxattr(const void*, const void*, void*, size_t)",
);
const lseek = declare<(fd: number, offset: number, whence: number) => number>("int64_t lseek(int, int64_t, int)");

/** Everything an unpacked file is, as text. */
export type Description = string;

/**
 * What is in a tree: path (one character a byte; the root's is empty) to description: type, mode, owner, times in
 * nanoseconds, target, device, attributes, contents, and which other names it has.
 * @param isPassedOver what is not looked at, by its path, nor anything below it
 */
export function describeTree(
  root: string,
  isPassedOver: (name: string) => boolean = () => false,
): Map<string, Description> {
  const groups = new Map<string, string>();
  const found = new Map<string, Description>();
  const visit = (path: Buffer, name: string): void => {
    found.set(name, describe(path, name, groups));
    if (!lstatSync(path).isDirectory()) return;
    const children = readdirSync(path, { encoding: "buffer" }).toSorted((a, b) => a.compare(b));
    for (const child of children) {
      const childName = `${name === "" ? "" : `${name}/`}${child.toString("latin1")}`;
      if (!isPassedOver(childName)) visit(Buffer.concat([path, Buffer.from("/"), child]), childName);
    }
  };
  visit(Buffer.from(root), "");
  return found;
}

/** The paths at which two trees differ, with what each has there; empty when they are equal. */
export function differences(actual: string, expected: string): string[] {
  const [ours, theirs] = [describeTree(actual), describeTree(expected)];
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  return [...names]
    .filter((name) => ours.get(name) !== theirs.get(name))
    .map((name) => `${name}: ${ours.get(name) ?? "nothing"} instead of ${theirs.get(name) ?? "nothing"}`);
}

/** The extended attributes of what is under a path, by name, of a symbolic link itself where it is one. */
export function xattrsOf(path: Buffer): [name: string, value: Buffer][] {
  const terminated = Buffer.concat([path, Buffer.from([0])]);
  const list = Buffer.alloc(65_536);
  const length = llistxattr(terminated, list, list.length);
  if (length < 0) {
    const error = lastError("llistxattr");
    if (hasCode(error, "ENOTSUP", "EOPNOTSUPP")) return [];
    throw error;
  }
  const names = list.toString("latin1", 0, length).split("\0").filter(Boolean);
  return names.toSorted().map((name) => {
    const value = Buffer.alloc(65_536);
    const size = lgetxattr(terminated, Buffer.from(`${name}\0`, "latin1"), value, value.length);
    return [name, value.subarray(0, size)];
  });
}

function describe(path: Buffer, name: string, groups: Map<string, string>): Description {
  const stat = lstatSync(path, { bigint: true });
  const parts = [`${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${stat.mtimeNs}`];
  if (stat.isSymbolicLink()) parts.push(`-> ${readlinkSync(path, { encoding: "buffer" }).toString("latin1")}`);
  if (stat.isCharacterDevice() || stat.isBlockDevice()) parts.push(`device ${stat.rdev}`);
  if (stat.isFile()) parts.push(`${stat.size} ${digestOf(path)}`);
  if (!stat.isDirectory() && stat.nlink > 1n) {
    const key = `${stat.dev}:${stat.ino}`;
    if (!groups.has(key)) groups.set(key, name);
    parts.push(`${stat.nlink} names, first ${groups.get(key)}`);
  }
  return [...parts, ...xattrsOf(path).map(([key, value]) => `${key}=${value.toString("hex")}`)].join(" ");
}

const CHUNK_BYTES = 2 ** 20;
const chunk = Buffer.alloc(CHUNK_BYTES);
const zeros = Buffer.alloc(CHUNK_BYTES);

/** A digest of a file's contents, to which a whole chunk of zeros adds nothing, be it a hole or not. */
function digestOf(path: Buffer): string {
  const hash = createHash("sha256");
  const fd = openSync(path, "r");
  try {
    for (let position = nextChunk(fd, 0); position !== null; position = nextChunk(fd, position + CHUNK_BYTES)) {
      const data = chunk.subarray(0, readSync(fd, chunk, 0, CHUNK_BYTES, position));
      if (!data.equals(zeros)) hash.update(`${position}:`).update(data);
    }
    return hash.digest("hex");
  } finally {
    closeSync(fd);
  }
}

const SEEK_DATA = 3;

/** Where the next chunk begins that is not all hole: large files are mostly holes; null beyond the last data. */
function nextChunk(fd: number, from: number): number | null {
  const at = lseek(fd, from, SEEK_DATA);
  if (at >= 0) return at - (at % CHUNK_BYTES);
  const error = lastError("lseek");
  if (hasCode(error, "ENXIO")) return null;
  throw error;
}
