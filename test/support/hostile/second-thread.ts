import { entry } from "../archive-builder.ts";

/** Where the filler lies. */
export const FILLER = ".filler";

/**
 * Files to begin an archive with that is to be written by the second thread: it is started for archives of some size
 * only, and takes files once it is there.
 */
export function filler(): Uint8Array {
  const files = Array.from({ length: 800 }, (_, index) =>
    entry({ name: `${FILLER}/${index}` }, Buffer.alloc(3000, "f")),
  );
  return Buffer.concat(files);
}
