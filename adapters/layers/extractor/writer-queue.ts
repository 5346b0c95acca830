import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { ImgstoreError, type RecordedError } from "../../../core/errors.ts";
import { closeFile } from "../../linux/file-calls.ts";
import type { FileQueue, QueuedFile } from "../tree/file-queue.ts";
import { fileRecordBytes, putClose, putContent, putEnd, putExit, putFile } from "./file-records.ts";
import { ConsumerFailed, type QueueProducer } from "./record-queue.ts";

/**
 * Hands files to the thread that writes them. Every method throws what that thread failed of, and that may be any entry
 * before the one it is called for.
 */
export class WriterQueue implements FileQueue {
  readonly #queue: QueueProducer;
  readonly #failures: MessagePort;

  /** @param failures where the thread says what it failed of, before its end of the queue fails */
  constructor(queue: QueueProducer, failures: MessagePort) {
    this.#queue = queue;
    this.#failures = failures;
  }

  /** Whether the thread is there and has not failed. */
  get isServed(): boolean {
    return this.#queue.isServed;
  }

  get position(): number {
    return this.#queue.position;
  }

  takes(file: QueuedFile): boolean {
    return this.isServed && fileRecordBytes(file) <= this.#queue.maxRecordBytes;
  }

  begin(file: QueuedFile): void {
    this.#told(() => putFile(this.#queue, file));
  }

  content(bytes: Uint8Array, start: number, end: number, position: number): void {
    this.#told(() => putContent(this.#queue, bytes.byteOffset + start, end - start, position));
  }

  end(): void {
    this.#told(() => putEnd(this.#queue));
  }

  closeDirectory(fd: number): void {
    // nobody has been given it where nobody takes anything yet
    if (this.isServed) this.#told(() => putClose(this.#queue, fd));
    else closeFile(fd);
  }

  drain(): void {
    this.waitUntil(this.#queue.position);
  }

  /** Blocks until what was put in up to a position is done. @throws {ImgstoreError} */
  waitUntil(position: number): void {
    this.#told(() => this.#queue.waitUntil(position));
  }

  /** Lets the thread see what was put in so far, though it is little. */
  show(): void {
    this.#queue.show();
  }

  /** Lets the thread end. */
  exit(): void {
    this.#told(() => {
      putExit(this.#queue);
      this.#queue.show();
    });
  }

  #told(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ConsumerFailed)) throw error;
      throw this.#failure(error);
    }
  }

  #failure(cause: ConsumerFailed): Error {
    const received: { message: RecordedError } | undefined = receiveMessageOnPort(this.#failures);
    if (received === undefined) return cause;
    const { code, message, hint } = received.message;
    return new ImgstoreError(code, message, hint === null ? {} : { hint });
  }
}
