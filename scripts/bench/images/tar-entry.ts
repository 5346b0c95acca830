const BLOCK_BYTES = 512;

export interface TarEntry {
  readonly path: string;
  /** `0` file, `1` hard link, `5` directory. @see tar(5) */
  readonly type: "0" | "1" | "5";
  /** Of what follows the header. */
  readonly sizeBytes?: number;
  readonly linkPath?: string;
  /** Records of a PAX header before it, such as extended attributes. */
  readonly pax?: ReadonlyMap<string, Uint8Array>;
}

/** Everything of an entry but its contents: of root, of one time, with the usual modes. */
export function tarHeader({ pax, ...entry }: TarEntry): Buffer {
  const plain = ustarHeader(entry);
  if (pax === undefined) return plain;
  const records = Buffer.concat([...pax].map(([key, value]) => paxRecord(key, value)));
  const before = ustarHeader({ path: "PaxHeaders/next", type: "x", sizeBytes: records.length });
  return Buffer.concat([before, records, padding(records.length), plain]);
}

/** What fills contents up to whole blocks. */
export function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** What an archive ends with. */
export const END_OF_ARCHIVE: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

function ustarHeader({ path, type, sizeBytes = 0, linkPath = "" }: Omit<TarEntry, "type"> & { type: string }): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const put = (offset: number, text: string): number => header.write(text, offset, "latin1");
  put(0, path);
  put(100, type === "5" ? "0000755" : "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, sizeBytes.toString(8).padStart(11, "0"));
  put(136, (1_700_000_000).toString(8));
  put(148, " ".repeat(8)); // the checksum counts itself as spaces
  put(156, type);
  put(157, linkPath);
  put(257, "ustar\u000000");
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  put(148, `${checksum.toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** `LENGTH KEY=VALUE\n`, the length counting itself. */
function paxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
