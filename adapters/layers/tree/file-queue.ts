import { closeFile } from "../../linux/file-calls.ts";
import type { NewFile } from "./file-writer.ts";
import type { PackedEntry } from "./packed-entry.ts";

/** A file that is to be, and where. */
export interface QueuedFile extends NewFile, PackedEntry {
  /** Descriptor of its directory, which holds until `closeDirectory`. */
  readonly dir: number;
}

/**
 * Takes regular files to be written later, in the order they come in, by somebody else. Only files whose names are
 * certainly free may go through it. Every method throws what became of an earlier file.
 */
export interface FileQueue {
  /** Whether a file can be taken at all; one that cannot is written at once, after `drain`. */
  takes(file: QueuedFile): boolean;
  begin(file: QueuedFile): void;
  /** The bytes stay as they are until they are written. */
  content(bytes: Uint8Array, start: number, end: number, position: number): void;
  end(): void;
  /** Closes a directory's descriptor when the files that came before are written. */
  closeDirectory(fd: number): void;
  /** Returns when every file that came before is whole. */
  drain(): void;
}

/** Takes nothing: everything is written at once. */
export const NO_QUEUE: FileQueue = {
  takes: () => false,
  begin: () => {},
  content: () => {},
  end: () => {},
  closeDirectory: closeFile,
  drain: () => {},
};
