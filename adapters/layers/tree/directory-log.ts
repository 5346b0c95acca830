import { bytesOf, latin1 } from "../../../core/archive/bytes.ts";
import type { Attributes } from "../../../core/archive/plan.ts";
import type { TreePath } from "../../../core/archive/tree-path.ts";

const FIXED_BYTES = 44;
const BLOCK_BYTES = 256 * 1024;

/** A directory and what it is to get. */
export interface DirectoryRecord {
  readonly path: TreePath;
  readonly attributes: Attributes;
  /** Of the entry that asked for it. */
  readonly offset: number;
}

/** Where a log goes that has outgrown memory. */
export interface Spill {
  /** Appends all of the bytes. */
  write(bytes: Uint8Array): void;
  /** The bytes from a position on, as many as fit; how many there were. */
  read(into: Uint8Array, position: number): number;
}

/**
 * The attributes that directories are to get once everything in them is there, in the archive's order: kept packed, and
 * beyond a block on disk, so that memory stays bounded however many directories there are.
 */
export class DirectoryLog {
  readonly #spill: Spill;
  #block = new Uint8Array(BLOCK_BYTES);
  #used = 0;
  #spilledBytes = 0;

  constructor(spill: Spill) {
    this.#spill = spill;
  }

  append(record: DirectoryRecord): void {
    const length = sizeOf(record);
    if (this.#used + length > this.#block.length) this.#flush(length);
    encode(this.#block, this.#used, length, record);
    this.#used += length;
  }

  /** Every record, oldest first. */
  *records(): Generator<DirectoryRecord> {
    if (this.#spilledBytes > 0) this.#flush(0);
    if (this.#spilledBytes === 0) {
      for (let at = 0; at < this.#used; at += lengthAt(this.#block, at)) yield decode(this.#block, at);
      return;
    }
    for (let position = 0; position < this.#spilledBytes; ) {
      const filled = this.#spill.read(this.#block, position);
      let at = 0;
      while (at + 4 <= filled && at + lengthAt(this.#block, at) <= filled) {
        yield decode(this.#block, at);
        at += lengthAt(this.#block, at);
      }
      // the block has grown for the longest record when that was written
      if (at === 0) throw new Error("the log of directories is cut short");
      position += at;
    }
  }

  #flush(neededBytes: number): void {
    if (this.#used > 0) this.#spill.write(this.#block.subarray(0, this.#used));
    this.#spilledBytes += this.#used;
    this.#used = 0;
    if (neededBytes > this.#block.length) this.#block = new Uint8Array(neededBytes);
  }
}

function sizeOf({ path, attributes }: DirectoryRecord): number {
  const ownBytes = FIXED_BYTES + path.bytes.length;
  return attributes.xattrs.reduce((sum, { name, value }) => sum + 8 + name.length + value.length, ownBytes);
}

function lengthAt(block: Uint8Array, at: number): number {
  return new DataView(block.buffer).getUint32(at);
}

function encode(block: Uint8Array, start: number, length: number, record: DirectoryRecord): void {
  const view = new DataView(block.buffer);
  const { mode, uid, gid, mtime, xattrs } = record.attributes;
  const path = record.path.bytes;
  const numbers = [length, path.length, record.path.nameStart, mode, uid, gid, mtime.nanoseconds];
  for (const [index, number] of numbers.entries()) view.setUint32(start + 4 * index, number);
  view.setFloat64(start + 28, mtime.seconds);
  view.setFloat64(start + 36, record.offset);
  block.set(path, start + FIXED_BYTES);
  let at = start + FIXED_BYTES + path.length;
  for (const { name, value } of xattrs) {
    view.setUint32(at, name.length);
    view.setUint32(at + 4, value.length);
    block.set(bytesOf(name), at + 8);
    block.set(value, at + 8 + name.length);
    at += 8 + name.length + value.length;
  }
}

function decode(block: Uint8Array, start: number): DirectoryRecord {
  const view = new DataView(block.buffer);
  const field = (index: number): number => view.getUint32(start + 4 * index);
  const end = start + field(0);
  const pathEnd = start + FIXED_BYTES + field(1);
  const xattrs = [];
  for (let at = pathEnd; at < end; ) {
    const nameEnd = at + 8 + view.getUint32(at);
    const valueEnd = nameEnd + view.getUint32(at + 4);
    xattrs.push({ name: latin1(block, at + 8, nameEnd), value: block.slice(nameEnd, valueEnd) });
    at = valueEnd;
  }
  const mtime = { seconds: view.getFloat64(start + 28), nanoseconds: field(6) };
  return {
    path: { bytes: block.slice(start + FIXED_BYTES, pathEnd), nameStart: field(2) },
    attributes: { mode: field(3), uid: field(4), gid: field(5), mtime, xattrs },
    offset: view.getFloat64(start + 36),
  };
}
