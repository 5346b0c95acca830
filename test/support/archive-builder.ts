const BLOCK = 512;

/** A name or a value: text as UTF-8, or bytes as they are. */
export type Bytes = string | Uint8Array;

/** What a header says; whatever is left out is as GNU tar writes it for an empty file of root's. */
export interface HeaderFields {
  readonly name?: Bytes;
  readonly prefix?: Bytes;
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly mtime?: number;
  readonly link?: Bytes;
  readonly major?: number;
  readonly minor?: number;
  readonly magic?: "ustar" | "gnu" | "star" | "v7";
  /** Bytes to put at offsets of the block, before the checksum is made. */
  readonly raw?: readonly (readonly [offset: number, bytes: Bytes])[];
  /** Instead of the right one. */
  readonly checksum?: number;
}

/** One header block, its checksum right unless it is told otherwise. */
export function header(fields: HeaderFields): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const { magic = "ustar", type = "0" } = fields;
  put(block, 0, 100, fields.name ?? "file");
  number(block, 100, 8, fields.mode ?? 0o644);
  number(block, 108, 8, fields.uid ?? 0);
  number(block, 116, 8, fields.gid ?? 0);
  number(block, 124, 12, fields.size ?? 0);
  number(block, 136, 12, fields.mtime ?? 0);
  block.write(type, 156, "latin1");
  put(block, 157, 100, fields.link ?? "");
  if (magic === "ustar" || magic === "star") block.write("ustar\u000000", 257, "latin1");
  if (magic === "gnu") block.write("ustar  \0", 257, "latin1");
  if (magic === "star") block.write("tar\0", 508, "latin1");
  if (magic !== "v7") {
    number(block, 329, 8, fields.major ?? 0);
    number(block, 337, 8, fields.minor ?? 0);
    put(block, 345, 155, fields.prefix ?? "");
  }
  for (const [offset, bytes] of fields.raw ?? []) Buffer.from(bytes).copy(block, offset);
  block.fill(" ", 148, 156);
  const sum = fields.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** A header and what it describes, filled up to whole blocks. */
export function entry(fields: HeaderFields, content: Bytes = ""): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([header({ size: bytes.length, ...fields }), padded(bytes)]);
}

export function directory(name: Bytes, fields: HeaderFields = {}): Uint8Array {
  return header({ name, type: "5", mode: 0o755, ...fields });
}

export function symlink(name: Bytes, link: Bytes, fields: HeaderFields = {}): Uint8Array {
  return header({ name, type: "2", mode: 0o777, link, ...fields });
}

export function hardlink(name: Bytes, link: Bytes, fields: HeaderFields = {}): Uint8Array {
  return header({ name, type: "1", link, ...fields });
}

/** An extended header of one entry (or, of type `g`, of all that follow). */
export function pax(records: Readonly<Record<string, Bytes>>, fields: HeaderFields = {}): Uint8Array {
  const body = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)));
  return paxBody(body, fields);
}

/** An extended header with a body as it is given. */
export function paxBody(body: Bytes, fields: HeaderFields = {}): Uint8Array {
  return entry({ name: "PaxHeaders/x", type: "x", ...fields }, body);
}

export function paxRecord(key: string, value: Bytes): Uint8Array {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
  return Buffer.concat([Buffer.from(`${length}`), rest]);
}

/** GNU's way to give the next entry a long name (`L`) or a long link target (`K`). */
export function gnuLong(type: "L" | "K", text: Bytes): Uint8Array {
  const body = Buffer.concat([Buffer.from(text), Buffer.from("\0")]);
  return entry({ name: "././@LongLink", type, magic: "gnu" }, body);
}

/** Pieces as an archive, with its end. */
export function archive(...pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([...pieces, Buffer.alloc(2 * BLOCK)]);
}

export function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

function put(block: Buffer, at: number, width: number, text: Bytes): void {
  Buffer.from(text).copy(block, at, 0, width);
}

/** Octal where it fits, else (and below zero) base-256. */
function number(block: Buffer, at: number, width: number, value: number): void {
  if (value >= 0 && value < 8 ** (width - 1)) {
    block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
    return;
  }
  let rest = BigInt.asUintN(8 * width - 1, BigInt(value)) | (1n << BigInt(8 * width - 1));
  for (let i = width - 1; i >= 0; i--) {
    block[at + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
