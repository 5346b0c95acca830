import { areEqual, bytesOf, shown } from "../../../core/archive/bytes.ts";
import { isOfArchive } from "../../../core/archive/xattrs.ts";
import { FILE_TYPES, type FileAttributes } from "../../linux/inode.ts";
import { type CString, openFileAt, openPlaceAt, readLinkAt } from "../../linux/openat.ts";
import { xattrsOf } from "../../linux/read-xattr.ts";
import { haveSameContents } from "./same-contents.ts";
import { type TwoDescriptors, withTwo } from "./two-descriptors.ts";

/** One name in two trees. */
export interface EntryPair {
  readonly actual: FileAttributes;
  readonly expected: FileAttributes;
  readonly dirs: TwoDescriptors;
  readonly name: CString;
}

/** How what lies under a name differs from what is right, as ends of a sentence; empty where it does not. @throws {SystemCallError} */
export function differencesOf(pair: EntryPair): string[] {
  const { actual, expected, dirs, name } = pair;
  if (actual.type !== expected.type || actual.isWhiteout !== expected.isWhiteout) {
    return [`it is ${typeName(actual)} instead of ${typeName(expected)}`];
  }
  // no archive says anything of it but its name
  if (expected.isWhiteout) return [];
  const problems: string[] = [];
  const differ = (what: string, ours: string | number, theirs: string | number): void => {
    if (ours !== theirs) problems.push(`its ${what} is ${ours} instead of ${theirs}`);
  };
  differ("mode", actual.mode.toString(8), expected.mode.toString(8));
  differ("owner", `${actual.uid}:${actual.gid}`, `${expected.uid}:${expected.gid}`);
  differ("modification time", actual.mtime, expected.mtime);
  switch (expected.type) {
    case FILE_TYPES.symlink:
      differ("target", `"${shown(readLinkAt(dirs[0], name))}"`, `"${shown(readLinkAt(dirs[1], name))}"`);
      break;
    case FILE_TYPES.characterDevice:
    case FILE_TYPES.blockDevice:
      differ("device", actual.device, expected.device);
      break;
    case FILE_TYPES.regular:
      differ("size", actual.sizeBytes, expected.sizeBytes);
      if (actual.sizeBytes === expected.sizeBytes && !areContentsSame(pair)) problems.push("its contents differ");
      break;
    default:
  }
  return [...problems, ...xattrDifferences(dirs, name)];
}

function areContentsSame({ dirs, name, expected }: EntryPair): boolean {
  return withBoth(openFileAt, dirs, name, (actual, right) => haveSameContents(actual, right, expected.sizeBytes));
}

function xattrDifferences(dirs: TwoDescriptors, name: CString): string[] {
  return withBoth(openPlaceAt, dirs, name, (actual, expected) => {
    const [ours, theirs] = [xattrsOf(actual), xattrsOf(expected)];
    if (ours.size + theirs.size === 0) return [];
    const names = [...new Set([...ours.keys(), ...theirs.keys()])].filter(isOfArchive);
    return names
      .filter((attribute) => !areBothEqual(ours.get(attribute), theirs.get(attribute)))
      .map((attribute) => `its attribute "${shown(bytesOf(attribute))}" differs`);
  });
}

function areBothEqual(ours: Uint8Array | undefined, theirs: Uint8Array | undefined): boolean {
  return ours !== undefined && theirs !== undefined && areEqual(ours, theirs);
}

function withBoth<T>(
  open: (dir: number, name: CString) => number,
  dirs: TwoDescriptors,
  name: CString,
  use: (...fds: TwoDescriptors) => T,
): T {
  return withTwo(
    () => open(dirs[0], name),
    () => open(dirs[1], name),
    use,
  );
}

function typeName({ type, isWhiteout }: FileAttributes): string {
  return isWhiteout ? "a whiteout" : (TYPE_NAMES.get(type) ?? "of another type");
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [FILE_TYPES.fifo, "a FIFO"],
  [FILE_TYPES.characterDevice, "a character device"],
  [FILE_TYPES.directory, "a directory"],
  [FILE_TYPES.blockDevice, "a block device"],
  [FILE_TYPES.regular, "a file"],
  [FILE_TYPES.symlink, "a symbolic link"],
]);
