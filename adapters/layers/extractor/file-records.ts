import type { QueuedFile } from "../tree/file-queue.ts";
import { packEntry, packedBytes, type UnpackedEntry, unpackEntry } from "../tree/packed-entry.ts";
import type { QueueProducer } from "./record-queue.ts";

/** What the thread that writes files is asked to do, in this order: a file, its contents, its end. */
export type WriterRecord =
  | ({ readonly kind: "file" } & QueuedFile & UnpackedEntry)
  /** A stretch of the slots' memory that belongs at a position of the file. */
  | { readonly kind: "content"; readonly start: number; readonly length: number; readonly position: number }
  | { readonly kind: "end" }
  /** A directory that nothing is written into any more by this descriptor. */
  | { readonly kind: "close"; readonly fd: number }
  | { readonly kind: "exit" };

const KINDS = { file: 1, content: 2, end: 3, close: 4, exit: 5 } as const;

const FILE_FIXED_BYTES = 24;

export function fileRecordBytes(file: QueuedFile): number {
  return FILE_FIXED_BYTES + packedBytes(file);
}

export function putFile(queue: QueueProducer, file: QueuedFile): void {
  const at = queue.reserve(fileRecordBytes(file));
  const { view } = queue;
  view.setUint32(at, KINDS.file);
  view.setInt32(at + 4, file.dir);
  view.setUint32(at + 8, file.isSparse ? 1 : 0);
  view.setFloat64(at + 16, file.sizeBytes);
  packEntry(view, at + FILE_FIXED_BYTES, file);
  queue.commit();
}

export function putContent(queue: QueueProducer, start: number, length: number, position: number): void {
  const at = queue.reserve(24);
  const { view } = queue;
  view.setUint32(at, KINDS.content);
  view.setUint32(at + 4, start);
  view.setUint32(at + 8, length);
  view.setFloat64(at + 16, position);
  queue.commit();
}

export function putEnd(queue: QueueProducer): void {
  putNumber(queue, KINDS.end, 0);
}

export function putClose(queue: QueueProducer, fd: number): void {
  putNumber(queue, KINDS.close, fd);
}

export function putExit(queue: QueueProducer): void {
  putNumber(queue, KINDS.exit, 0);
}

function putNumber(queue: QueueProducer, kind: number, number: number): void {
  const at = queue.reserve(8);
  queue.view.setUint32(at, kind);
  queue.view.setInt32(at + 4, number);
  queue.commit();
}

/** The record at `at`. */
export function readRecord(view: DataView, at: number): WriterRecord {
  switch (view.getUint32(at)) {
    case KINDS.file:
      return {
        kind: "file",
        dir: view.getInt32(at + 4),
        isSparse: view.getUint32(at + 8) === 1,
        sizeBytes: view.getFloat64(at + 16),
        ...unpackEntry(view, at + FILE_FIXED_BYTES),
      };
    case KINDS.content:
      return {
        kind: "content",
        start: view.getUint32(at + 4),
        length: view.getUint32(at + 8),
        position: view.getFloat64(at + 16),
      };
    case KINDS.end:
      return { kind: "end" };
    case KINDS.close:
      return { kind: "close", fd: view.getInt32(at + 4) };
    case KINDS.exit:
      return { kind: "exit" };
    default:
      throw new Error("no record of the writer's begins here");
  }
}
