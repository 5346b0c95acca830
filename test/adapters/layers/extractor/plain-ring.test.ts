import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { createRingMemory, RingConsumer, RingProducer } from "../../../../adapters/layers/extractor/plain-ring.ts";
import { moduleFile } from "../../../../adapters/package-files.ts";

/** Fills the ring with so many pieces, each of its own number, from another thread; then ends. */
function produce(memory: SharedArrayBuffer, pieces: number, isWhole: boolean): Worker {
  const ring = JSON.stringify(moduleFile("adapters/layers/extractor/plain-ring"));
  const program = `
    const { workerData } = require("node:worker_threads");
    import(${ring}).then(({ RingProducer }) => {
      const producer = new RingProducer(workerData);
      for (let i = 0; i < ${pieces}; i++) {
        const piece = producer.take();
        if (piece === null) break;
        piece.fill(i % 251);
        producer.put((i * 997) % piece.length, i);
      }
      producer.end(${isWhole});
    });
  `;
  return new Worker(program, { eval: true, workerData: memory });
}

describe("the ring of plain pieces", () => {
  test("brings every piece once, in order, with its length and what was stored, however slowly it is read", async () => {
    const memory = createRingMemory();
    const thread = produce(memory, 200, true);
    const consumer = new RingConsumer(memory);
    for (let i = 0; i < 200; i++) {
      const piece = consumer.next();
      if (typeof piece === "string") throw new Error(`it ended with ${piece} after ${i}`);
      expect(piece.storedBytes).toBe(i);
      expect(piece.bytes.length).toBe((i * 997) % (256 * 1024));
      expect(piece.bytes.every((byte) => byte === i % 251)).toBe(true);
      if (i % 50 === 0) await sleep(20);
      consumer.done();
    }
    expect(consumer.next()).toBe("whole");
    consumer.leave();
    await thread.terminate();
  });

  test("says when it was given up, and lets the producer go", async () => {
    const memory = createRingMemory();
    const thread = produce(memory, 1, false);
    const consumer = new RingConsumer(memory);
    expect(consumer.next()).toMatchObject({ storedBytes: 0 });
    consumer.done();
    expect(consumer.next()).toBe("given-up");
    consumer.leave();
    await thread.terminate();
  });

  test("gives the producer no more pieces once the other end has left", () => {
    const memory = createRingMemory();
    const producer = new RingProducer(memory);
    expect(producer.take()).not.toBeNull();
    producer.put(1, 1);
    new RingConsumer(memory).leave();
    expect(producer.take()).toBeNull();
    producer.end(true);
  });
});
