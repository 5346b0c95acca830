import { workerData } from "node:worker_threads";
import type { Place } from "../../../core/archive/refusal.ts";
import { asImgstoreError, recorded } from "../../../core/errors.ts";
import { confineThread } from "../../linux/confine.ts";
import { closeFile } from "../../linux/file-calls.ts";
import { FileWriter } from "../tree/file-writer.ts";
import { unpackError } from "../tree/unpack-error.ts";
import { readRecord, type WriterRecord } from "./file-records.ts";
import type { WriterOrder } from "./messages.ts";
import { takeNewborn } from "./newborn.ts";
import { addressOfSlots } from "./plain-slots.ts";
import { QueueConsumer } from "./record-queue.ts";

/** A thread that writes regular files, one after the other, until it is told to end or fails. */
function run({ slots, queue: memory, failures, treePath }: WriterOrder): void {
  const queue = new QueueConsumer(memory);
  const writer = new Writer(addressOfSlots(slots));
  try {
    confineThread(treePath);
    queue.begin();
    for (;;) {
      const record = readRecord(queue.view, queue.take());
      if (record.kind === "exit") return;
      writer.carryOut(record);
      queue.done();
    }
  } catch (error) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
    failures.postMessage(recorded(asImgstoreError(unpackError(error, writer.place))));
    queue.fail();
  }
}

class Writer {
  readonly #slotsAddress: number;
  readonly #files = new FileWriter(takeNewborn());
  /** Of the entry that is being written. */
  place: Place | null = null;

  constructor(slotsAddress: number) {
    this.#slotsAddress = slotsAddress;
  }

  carryOut(record: Exclude<WriterRecord, { kind: "exit" }>): void {
    switch (record.kind) {
      case "file":
        this.place = { path: record.path.bytes, offset: record.offset };
        return this.#files.begin(record.dir, record.name, record, this.place);
      case "content":
        return this.#files.contentAt(this.#slotsAddress + record.start, record.length, record.position);
      case "end":
        return this.#files.end();
      case "close":
        return closeFile(record.fd);
    }
  }
}

run(workerData);
