import { MessageChannel, Worker } from "node:worker_threads";
import { entryFile } from "../../package-files.ts";
import type { WriterOrder } from "./messages.ts";
import { createQueueMemory, QueueProducer } from "./record-queue.ts";
import { WriterQueue } from "./writer-queue.ts";

/** What is put into the queue is a few hundred bytes for each file: some hundreds of files fit. */
const QUEUE_BYTES = 256 * 1024;

/**
 * Starts the thread that writes files. The queue takes files once it is there: nobody waits for it.
 * @param slots the memory that contents lie in
 */
export function startWriter(slots: SharedArrayBuffer, treePath: string): WriterQueue {
  const queue = createQueueMemory(QUEUE_BYTES);
  const failures = new MessageChannel();
  const order: WriterOrder = { slots, queue, treePath, failures: failures.port2 };
  const thread = new Worker(entryFile("adapters/layers/extractor/writer-thread"), {
    workerData: order,
    transferList: [failures.port2],
    execArgv: [],
  });
  // nobody waits for it: what it fails of is said to the queue, and it ends with the process
  thread.unref();
  return new WriterQueue(new QueueProducer(queue), failures.port1);
}
