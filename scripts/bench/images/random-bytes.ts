import { createCipheriv } from "node:crypto";

/** Bytes that do not compress, the same ones every time. */
export function* randomBlocks(blockBytes: number): Generator<Buffer, never> {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, "imgstore"), Buffer.alloc(16));
  const zeros = Buffer.alloc(blockBytes);
  for (;;) yield cipher.update(zeros);
}

/** Numbers from 0 up to, not including, `below`, evenly spread and the same ones every time. */
export function* randomNumbers(below: number): Generator<number, never> {
  const blocks = randomBlocks(4096);
  for (;;) {
    const block = blocks.next().value;
    for (let at = 0; at < block.length; at += 4) yield block.readUInt32LE(at) % below;
  }
}

/** Bytes that compress about as well as text does, the same ones every time. */
export function wordyBytes(sizeBytes: number): Buffer {
  const words: string[] = [];
  let length = 0;
  for (const number of randomNumbers(4096)) {
    const word = (number * number).toString(36);
    words.push(word);
    length += word.length + 1;
    if (length > sizeBytes) break;
  }
  return Buffer.from(words.join(" ")).subarray(0, sizeBytes);
}
