import { areEqual, latin1, shown } from "../../../core/archive/bytes.ts";
import { entriesIn } from "../../linux/directory-entries.ts";
import { codeOf, hasCode } from "../../linux/errno.ts";
import { attributesAt, FILE_TYPES, type FileAttributes } from "../../linux/inode.ts";
import {
  type CString,
  cPath,
  openDirectoryAt,
  openDirectoryOnSameMount,
  WORKING_DIRECTORY,
} from "../../linux/openat.ts";
import { differencesOf } from "./entry-differences.ts";
import { LinkGroups } from "./link-groups.ts";
import { type TwoDescriptors, withTwo } from "./two-descriptors.ts";

export interface TreeDifferences {
  /** Entries that differ, are missing or are too many; what is below a missing or a foreign directory counts once with it. */
  readonly count: number;
  /** The first of them, as they may be shown. */
  readonly first: readonly string[];
}

/** More of them help nobody. */
const SHOWN = 10;

/**
 * Compares two trees in everything that an archive says of them: names, types, modes, owners, modification times,
 * extended attributes, links, devices and contents. Symbolic links are not followed, mounts not entered. Blocks: for a
 * thread of its own.
 * @param actualPath directory that is looked over
 * @param expectedPath directory that is right
 * @throws {SystemCallError}
 */
export function compareTrees(actualPath: string, expectedPath: string): TreeDifferences {
  return withTwo(
    () => openDirectoryAt(WORKING_DIRECTORY, cPath(actualPath)),
    () => openDirectoryAt(WORKING_DIRECTORY, cPath(expectedPath)),
    (actual, expected) => new TreeComparison(actual, expected).run(),
  );
}

class TreeComparison {
  readonly #actual: number;
  readonly #expected: number;
  readonly #links = new LinkGroups();
  readonly #first: string[] = [];
  #count = 0;
  /** Paths below the roots of directories that both have and that are still to be looked into: a stack, however deep they lie. */
  readonly #left: CString[] = [ITSELF];

  constructor(actual: number, expected: number) {
    this.#actual = actual;
    this.#expected = expected;
  }

  run(): TreeDifferences {
    this.#compareEntry({ dirs: [this.#actual, this.#expected], name: ITSELF, path: ITSELF });
    for (let path = this.#left.pop(); path !== undefined; path = this.#left.pop()) this.#compareDirectories(path);
    return { count: this.#count, first: this.#first };
  }

  #compareDirectories(path: CString): void {
    this.#unlessUnreadable(path, () => this.#compareNames(path));
  }

  #compareNames(path: CString): void {
    withTwo(
      () => openDirectoryOnSameMount(this.#actual, path),
      () => openDirectoryOnSameMount(this.#expected, path),
      (actual, expected) => {
        const names = new Map([...entriesIn(expected)].map(({ name }) => [latin1(name), name]));
        for (const { name } of entriesIn(actual)) {
          if (!names.has(latin1(name))) this.#note(joined(path, name), "it is not in the archive");
        }
        for (const name of names.values()) {
          this.#compareEntry({ dirs: [actual, expected], name, path: joined(path, name) });
        }
      },
    );
  }

  #compareEntry({ dirs, name, path }: Compared): void {
    const [actual, expected] = [attributesAt(dirs[0], name), attributesAt(dirs[1], name)];
    // a name that was just listed
    if (expected === null) throw new Error(`"${shown(path)}" vanished`);
    if (actual === null) {
      this.#note(path, "it is missing");
      return;
    }
    this.#unlessUnreadable(path, () => {
      const problems = this.#problemsOf(actual, expected, dirs, name);
      if (problems.length > 0) this.#note(path, problems.join(", "));
    });
    const isDirectory = actual.type === FILE_TYPES.directory && expected.type === FILE_TYPES.directory;
    if (isDirectory && path !== ITSELF) this.#left.push(path);
  }

  #problemsOf(actual: FileAttributes, expected: FileAttributes, dirs: TwoDescriptors, name: CString): string[] {
    const isFile = actual.type === expected.type && expected.type !== FILE_TYPES.directory;
    const group = isFile ? this.#links.look(actual, expected) : "alone";
    if (group === "looked-over") return [];
    const problems = differencesOf({ actual, expected, dirs, name });
    return group === "torn" ? [...problems, "it is linked to other names"] : problems;
  }

  /** What the disk gives back no more is damaged as well. */
  #unlessUnreadable(path: CString, compare: () => void): void {
    try {
      compare();
    } catch (error) {
      if (!hasCode(error, ...UNREADABLE)) throw error;
      this.#note(path, `it cannot be read (${codeOf(error)})`);
    }
  }

  #note(path: CString, problem: string): void {
    this.#count++;
    if (this.#first.length < SHOWN) this.#first.push(`"${shown(path.subarray(0, -1))}": ${problem}`);
  }
}

interface Compared {
  readonly dirs: TwoDescriptors;
  readonly name: CString;
  /** Below the roots. */
  readonly path: CString;
}

/** What the kernel says of bad sectors, and of metadata whose checksum is wrong. */
const UNREADABLE = ["EIO", "EUCLEAN", "EBADMSG", "EILSEQ"] as const;

const ITSELF = cPath(".");
const SLASH = 0x2f;

function joined(directory: CString, name: CString): CString {
  if (areEqual(directory, ITSELF)) return name;
  const path = new Uint8Array(directory.length + name.length);
  path.set(directory);
  path[directory.length - 1] = SLASH;
  path.set(name, directory.length);
  return path;
}
