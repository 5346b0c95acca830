import { BlobFile } from "../decompress/blob-file.ts";
import type { StoredBytes } from "../decompress/stored-bytes.ts";
import { ArrivingFile } from "./arriving-file.ts";
import type { Arrival, ExtractOrder } from "./messages.ts";

/** A stored archive, whole or arriving. */
export interface StoredArchive extends StoredBytes {
  /** Bytes that are there, as far as is known. */
  readonly sizeBytes: number;
  /** Bytes that it has or will have; null where nobody knows. */
  readonly totalBytes: number | null;
  /** Time that was waited for bytes to arrive. */
  readonly waitedMs: number;
}

/**
 * Opens the archive of an order.
 * @param arrival blocks until more of an arriving one can be read
 * @throws {ImgstoreError} BLOB_LOST, IO_ERROR
 */
export function openStored({ storedPath, isArriving }: ExtractOrder, arrival: () => Arrival): StoredArchive {
  if (isArriving) return new ArrivingFile(storedPath, arrival);
  const file = new BlobFile(storedPath);
  return Object.assign(file, { totalBytes: file.sizeBytes, waitedMs: 0 });
}
