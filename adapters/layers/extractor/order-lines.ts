import { readSync } from "node:fs";
import { hasCode } from "../../linux/errno.ts";

const BUFFER_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** The lines that this process is told on a descriptor. Reading blocks: for a process that has nothing else to do. */
export class OrderLines {
  readonly #fd: number;
  #pending = Buffer.alloc(0);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next line; null when nobody is there any more to say one. */
  next(): string | null {
    for (;;) {
      const end = this.#pending.indexOf(LINE_FEED);
      if (end >= 0) {
        const line = this.#pending.toString("utf8", 0, end);
        this.#pending = this.#pending.subarray(end + 1);
        return line;
      }
      const bytes = this.#read();
      if (bytes.length === 0) return null;
      this.#pending = Buffer.concat([this.#pending, bytes]);
    }
  }

  /** The last line that was said; `next` where none is there yet. */
  last(): string | null {
    let line = this.next();
    while (line !== null && this.#pending.includes(LINE_FEED)) line = this.next();
    return line;
  }

  #read(): Uint8Array {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    for (;;) {
      try {
        return buffer.subarray(0, readSync(this.#fd, buffer));
      } catch (error) {
        // some runtimes give a child pipes that do not block
        if (!hasCode(error, "EAGAIN")) throw error;
        Atomics.wait(NEVER, 0, 0, 5);
      }
    }
  }
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));
