import { type ErrorCode, ImgstoreError } from "../errors.ts";
import { shown } from "./bytes.ts";

/** Where in an archive something is. */
export interface Place {
  /** The entry's name as the archive has it; null where it is not known (yet). */
  readonly path: Uint8Array | null;
  /** Of the entry's header in the plain archive, in bytes. */
  readonly offset: number;
}

type ArchiveErrorCode = Extract<ErrorCode, "CORRUPT_ARCHIVE" | "UNSAFE_ARCHIVE" | "NOT_A_TAR" | "EMPTY_ARCHIVE">;

/**
 * The error that an archive ends in; its message names the entry and the offset.
 * @param problem what is wrong, as the end of a sentence
 */
export function refusal(code: ArchiveErrorCode, place: Place, problem: string, cause?: unknown): ImgstoreError {
  const message = `cannot unpack ${placed(place)}: ${problem}`;
  return new ImgstoreError(code, message, { hint: HINTS[code], ...(cause === undefined ? {} : { cause }) });
}

/** The place as it reads in a message. */
export function placed(place: Place): string {
  const name = place.path === null ? "the entry" : `"${shown(place.path)}"`;
  return `${name} (at byte ${place.offset} of the archive)`;
}

const HINTS: Readonly<Record<ArchiveErrorCode, string>> = {
  CORRUPT_ARCHIVE: "the archive is damaged or cut short: make it again",
  UNSAFE_ARCHIVE: "the archive asks for something that no image may: make it from a root file system with tar",
  NOT_A_TAR: "a tar archive is expected, plain or compressed",
  EMPTY_ARCHIVE: "the archive has no entries: make it from a root file system with tar",
};
