import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** How an image is stored: a tar, plain or compressed. */
export const ARCHIVE_FORMS = ["tar", "gz", "zst"] as const;

export type ArchiveForm = (typeof ARCHIVE_FORMS)[number];

/** An image as a file. */
export interface Archive {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hexadecimal, of the file. */
  readonly sha256: string;
  readonly form: ArchiveForm;
}

/** What a file is, by its content; all of it is in the page cache then. */
export async function archiveAt(path: string): Promise<Archive> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  const { size } = await stat(path);
  return { path, sizeBytes: size, sha256: hash.digest("hex"), form: await formOf(path) };
}

const MAGIC: Readonly<Record<string, ArchiveForm>> = { "1f8b": "gz", "28b5": "zst" };

async function formOf(path: string): Promise<ArchiveForm> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return MAGIC[buffer.toString("hex")] ?? "tar";
  } finally {
    await file.close();
  }
}
