/** What the kernel asks a FUSE server for, as far as a directory of two files needs it. @see include/uapi/linux/fuse.h */
export const OPCODE = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  interrupt: 36,
  batchForget: 42,
} as const;

export const ENOENT = 2;
export const EINVAL = 22;
export const ENOSYS = 38;

/** The largest write that the kernel is allowed to send, in bytes. */
export const MAX_WRITE_BYTES: number = 2 ** 20;

/** Room for the largest request: that, and what stands before it. */
export const REQUEST_BYTES: number = MAX_WRITE_BYTES + 8192;

const IN_HEADER_BYTES = 40;
const OUT_HEADER_BYTES = 16;
const SECONDS_VALID = 3600n;

/** One request, as views into the buffer that it was read into. */
export interface FuseRequest {
  readonly opcode: number;
  readonly unique: bigint;
  /** The number of the file it is about. */
  readonly node: bigint;
  readonly body: Buffer;
}

/** A file as the kernel sees it. */
export interface FuseNode {
  readonly node: bigint;
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
}

export function parseRequest(bytes: Buffer): FuseRequest {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    node: bytes.readBigUInt64LE(16),
    body: bytes.subarray(IN_HEADER_BYTES),
  };
}

/** Where in its file a read or write is, and how many bytes it is about; what is written follows. */
export function parseTransfer(body: Buffer): { readonly offset: number; readonly sizeBytes: number; data: Buffer } {
  const sizeBytes = body.readUInt32LE(16);
  return { offset: Number(body.readBigUInt64LE(8)), sizeBytes, data: body.subarray(40, 40 + sizeBytes) };
}

/** An answer, whole: the kernel takes it in one write. @param answer its body, or the number of an error */
export function encodeAnswer(unique: bigint, answer: Buffer | number): Buffer {
  const body = typeof answer === "number" ? Buffer.alloc(0) : answer;
  const header = Buffer.alloc(OUT_HEADER_BYTES);
  header.writeUInt32LE(OUT_HEADER_BYTES + body.length, 0);
  header.writeInt32LE(typeof answer === "number" ? -answer : 0, 4);
  header.writeBigUInt64LE(unique, 8);
  return Buffer.concat([header, body]);
}

/** Version 7.31: large writes, and so many pages in one request. */
export function encodeInit(): Buffer {
  const BIG_WRITES = 1 << 5;
  const MAX_PAGES = 1 << 22;
  const body = Buffer.alloc(64);
  body.writeUInt32LE(7, 0);
  body.writeUInt32LE(31, 4);
  body.writeUInt32LE(MAX_WRITE_BYTES, 8);
  body.writeUInt32LE(BIG_WRITES | MAX_PAGES, 12);
  body.writeUInt16LE(16, 16);
  body.writeUInt16LE(12, 18);
  body.writeUInt32LE(MAX_WRITE_BYTES, 20);
  body.writeUInt32LE(1, 24);
  body.writeUInt16LE(MAX_WRITE_BYTES / 4096, 28);
  return body;
}

/** What LOOKUP answers. */
export function encodeEntry(found: FuseNode): Buffer {
  const body = Buffer.alloc(128);
  body.writeBigUInt64LE(found.node, 0);
  body.writeBigUInt64LE(SECONDS_VALID, 16);
  body.writeBigUInt64LE(SECONDS_VALID, 24);
  writeAttributes(body, 40, found);
  return body;
}

/** What GETATTR and SETATTR answer. */
export function encodeAttributes(found: FuseNode): Buffer {
  const body = Buffer.alloc(104);
  body.writeBigUInt64LE(SECONDS_VALID, 0);
  writeAttributes(body, 16, found);
  return body;
}

/** What OPEN answers: nothing of the file is cached, so that each write arrives here before its caller goes on. */
export function encodeOpened(node: bigint): Buffer {
  const DIRECT_IO = 1;
  const body = Buffer.alloc(16);
  body.writeBigUInt64LE(node, 0);
  body.writeUInt32LE(DIRECT_IO, 8);
  return body;
}

export function encodeWritten(sizeBytes: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32LE(sizeBytes, 0);
  return body;
}

export function encodeStatfs(): Buffer {
  const body = Buffer.alloc(80);
  body.writeUInt32LE(4096, 40);
  body.writeUInt32LE(255, 44);
  return body;
}

function writeAttributes(body: Buffer, at: number, { node, isDirectory, sizeBytes }: FuseNode): void {
  body.writeBigUInt64LE(node, at);
  body.writeBigUInt64LE(BigInt(sizeBytes), at + 8);
  body.writeBigUInt64LE(BigInt(Math.ceil(sizeBytes / 512)), at + 16);
  body.writeUInt32LE(isDirectory ? 0o40700 : 0o100600, at + 60);
  body.writeUInt32LE(1, at + 64);
  body.writeUInt32LE(4096, at + 80);
}
