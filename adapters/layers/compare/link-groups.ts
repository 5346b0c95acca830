import type { FileAttributes } from "../../linux/inode.ts";

/** Which inodes of two trees are the same file, of those with several names. */
export class LinkGroups {
  readonly #expectedOf = new Map<string, string>();
  readonly #actualOf = new Map<string, string>();

  /**
   * - `alone`: it has one name in both trees.
   * - `first`: of several names, the first that is met.
   * - `looked-over`: another name of two files that have been compared.
   * - `torn`: the two trees do not agree on which names are one file.
   */
  look(actual: FileAttributes, expected: FileAttributes): "alone" | "first" | "looked-over" | "torn" {
    if (actual.names === 1 && expected.names === 1) return "alone";
    const [known, knownBack] = [this.#expectedOf.get(actual.number), this.#actualOf.get(expected.number)];
    if (known === expected.number && knownBack === actual.number) return "looked-over";
    if (known !== undefined || knownBack !== undefined || actual.names !== expected.names) return "torn";
    this.#expectedOf.set(actual.number, expected.number);
    this.#actualOf.set(expected.number, actual.number);
    return "first";
  }
}
