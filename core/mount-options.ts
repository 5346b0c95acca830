import { ImgstoreError } from "./errors.ts";
import { printable } from "./names.ts";

/** What a mount may be told; nothing else of mount(8) is passed on. */
export const MOUNT_OPTIONS = ["nodev", "nosuid", "noexec", "ro"] as const;

export type MountOption = (typeof MOUNT_OPTIONS)[number];

export const DEFAULT_MOUNT_OPTIONS: readonly MountOption[] = ["nodev", "nosuid"];

/**
 * A comma-separated list of mount options, sorted and without doubles. The empty list and `dev`, `suid` mean none.
 * @throws {ImgstoreError} INVALID_MOUNT_OPTIONS
 */
export function parseMountOptions(list: string): MountOption[] {
  const words = list
    .split(",")
    .filter((word) => word !== "" && word !== "dev" && word !== "suid" && word !== "exec" && word !== "rw");
  const unknown = words.find((word) => !(MOUNT_OPTIONS as readonly string[]).includes(word));
  if (unknown !== undefined) {
    throw new ImgstoreError("INVALID_MOUNT_OPTIONS", `"${printable(unknown)}" is not a mount option`, {
      hint: `a comma-separated list of ${MOUNT_OPTIONS.join(", ")}`,
    });
  }
  return MOUNT_OPTIONS.filter((option) => words.includes(option));
}
