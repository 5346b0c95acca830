import { statfs } from "node:fs/promises";
import { ImgstoreError } from "../../core/errors.ts";

/** What an extractor had for itself it has given back by the time it has ended. */
const GIVEN_BACK = 16;

/**
 * An unpacking's failure that says whether it was inodes that ran out, where bytes may be plenty: the kernel says the same
 * of both. Ask while what was unpacked is still there.
 */
export async function namingInodes(error: unknown, directory: string): Promise<unknown> {
  if (!(error instanceof ImgstoreError) || error.code !== "NO_SPACE") return error;
  if (!(await hasNoInodes(directory))) return error;
  return new ImgstoreError("NO_SPACE", `${error.message}; it has no inodes left`, {
    cause: error,
    hint: "remove images, or give the store a file system with more inodes (mkfs.ext4 -N)",
  });
}

/** Where it cannot be asked, nobody says so: what failed is more to the point than that. */
async function hasNoInodes(directory: string): Promise<boolean> {
  try {
    const { files, ffree } = await statfs(directory);
    return files > 0 && ffree <= GIVEN_BACK;
  } catch {
    return false;
  }
}
