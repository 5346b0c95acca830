import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ConsumerFailed,
  createQueueMemory,
  QueueConsumer,
  QueueProducer,
} from "../../../../adapters/layers/extractor/record-queue.ts";

const SIZE_BYTES = 1024;

function twoEnds(): { readonly producer: QueueProducer; readonly consumer: QueueConsumer } {
  const memory = createQueueMemory(SIZE_BYTES);
  return { producer: new QueueProducer(memory), consumer: new QueueConsumer(memory) };
}

/** Puts a record in that is filled with one number. */
function put(producer: QueueProducer, bytes: number, value: number): void {
  const at = producer.reserve(bytes);
  for (let i = 0; i < bytes; i++) producer.view.setUint8(at + i, value);
  producer.commit();
  producer.show();
}

/** Takes a record of that many bytes; the numbers in it. */
function take(consumer: QueueConsumer, bytes: number): Set<number> {
  const at = consumer.take();
  const values = new Set(Array.from({ length: bytes }, (_, i) => consumer.view.getUint8(at + i)));
  consumer.done();
  return values;
}

describe("record queue", () => {
  test("gives records of any size in the order they came in, each in one piece, however often its memory is filled", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: SIZE_BYTES / 4 - 8 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 3 }), (records, lead) => {
        const { producer, consumer } = twoEnds();
        const pending: { readonly bytes: number; readonly value: number }[] = [];
        for (const [index, bytes] of records.entries()) {
          put(producer, bytes, index % 256);
          pending.push({ bytes, value: index % 256 });
          const first = pending.length >= lead ? pending.shift() : undefined;
          if (first !== undefined) expect([...take(consumer, first.bytes)]).toEqual([first.value]);
        }
        for (const { bytes, value } of pending) expect([...take(consumer, bytes)]).toEqual([value]);
      }),
    );
  });

  test("waitUntil returns at once for what is done with", () => {
    const { producer, consumer } = twoEnds();
    put(producer, 8, 1);
    take(consumer, 8);
    producer.waitUntil(producer.position);
  });

  test("is served from the consumer's first word on, and no more once that has failed", () => {
    const { producer, consumer } = twoEnds();
    expect(producer.isServed).toBe(false);
    consumer.begin();
    expect(producer.isServed).toBe(true);
    put(producer, 8, 1);
    consumer.fail();
    expect(producer.isServed).toBe(false);
    expect(() => producer.waitUntil(producer.position)).toThrow(ConsumerFailed);
    expect(() => producer.reserve(8)).toThrow(ConsumerFailed);
  });
});
