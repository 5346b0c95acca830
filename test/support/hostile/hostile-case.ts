import type { ErrorCode } from "../../../core/errors.ts";
import type { ArchiveLimits } from "../../../core/limits.ts";
import type { Bytes } from "../archive-builder.ts";
import type { TreeSummary } from "./tree-summary.ts";

/** An archive that somebody would harm this machine with, or confuse its readers, and what must come of it. */
export interface HostileCase {
  /** The attack, or the advisory that it repeats. */
  readonly name: string;
  /** Made when it is wanted where it is large. */
  readonly archive: Uint8Array | (() => Uint8Array);
  readonly outcome: Outcome;
  readonly limits?: Partial<ArchiveLimits>;
}

export function archiveOf({ archive }: HostileCase): Uint8Array {
  return typeof archive === "function" ? archive() : archive;
}

export type Outcome =
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly says: readonly string[] }
  /** The tree that it becomes, all of it. */
  | { readonly kind: "accepted"; readonly tree: TreeSummary };

/** Absolute paths that an archive may try to reach. */
export interface Targets {
  /** A file that is beside the store, and must stay as it is. */
  readonly secret: string;
  /** The directory that it lies in. */
  readonly outside: string;
  /** A directory elsewhere, on another file system where the machine has one. */
  readonly elsewhere: string;
  /** Right below the machine's root, where nothing is. */
  readonly nowhere: string;
}

/** The cases of one class of attacks. */
export type HostileCases = (targets: Targets) => readonly HostileCase[];

/**
 * What must come of an archive that is refused for one of its entries.
 * @param entry its name as messages show it; null where it has none yet
 * @param offset of its header in the plain archive
 * @param says what else the message says
 */
export function refused(code: ErrorCode, entry: string | null, offset: number, ...says: readonly string[]): Outcome {
  const subject = entry === null ? "the entry" : `"${entry}"`;
  return { kind: "refused", code, says: [`${subject} (at byte ${offset} of the archive)`, ...says] };
}

/** What must come of an archive that is refused as a whole. */
export function refusedWhole(code: ErrorCode, ...says: readonly string[]): Outcome {
  return { kind: "refused", code, says };
}

export function accepted(tree: TreeSummary): Outcome {
  return { kind: "accepted", tree };
}

/** A case for each of several values. */
export function each<T>(values: readonly T[], toCase: (value: T) => HostileCase): HostileCase[] {
  return values.map(toCase);
}

/** A value in an old header field, as text or bytes that the builder would not write. */
export function raw(at: number, bytes: Bytes): { readonly raw: readonly (readonly [number, Bytes])[] } {
  return { raw: [[at, bytes]] };
}
