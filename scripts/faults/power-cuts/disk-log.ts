/** What a disk was told, in the order in which it was told. */
export type DiskEvent =
  | { readonly kind: "write"; readonly offset: number; readonly data: Buffer }
  /** Everything written before it is on the disk for good. */
  | { readonly kind: "flush" }
  /** Something that happened beside the disk: everything it rests on stands before it. */
  | { readonly kind: "mark"; readonly text: string };

const KINDS = ["write", "flush", "mark"] as const;
const HEADER_BYTES = 16;
const NOTHING = Buffer.alloc(0);

/** One event as it stands in a log: kind, length, offset, bytes. */
export function encodeEvent(event: DiskEvent): [header: Buffer, data: Buffer] {
  const data = dataOf(event);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(KINDS.indexOf(event.kind), 0);
  header.writeUInt32LE(data.length, 4);
  header.writeBigUInt64LE(BigInt(event.kind === "write" ? event.offset : 0), 8);
  return [header, data];
}

/** The events of a log; one that was being appended at its end is left out. The data stay views into `log`. */
export function decodeEvents(log: Buffer): DiskEvent[] {
  const events: DiskEvent[] = [];
  for (let at = 0; at + HEADER_BYTES <= log.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + log.readUInt32LE(at + 4);
    if (end > log.length) break;
    const kind = KINDS[log.readUInt32LE(at)];
    if (kind === undefined) throw new Error(`the log of the disk is damaged at ${at}`);
    events.push(eventOf(kind, Number(log.readBigUInt64LE(at + 8)), log.subarray(start, end)));
    at = end;
  }
  return events;
}

/** How many of what, in words. */
export function describeLog(events: readonly DiskEvent[]): string {
  const counts = KINDS.map((kind) => `${events.filter((event) => event.kind === kind).length} ${PLURALS[kind]}`);
  return counts.join(", ");
}

const PLURALS: Readonly<Record<DiskEvent["kind"], string>> = { write: "writes", flush: "flushes", mark: "marks" };

function dataOf(event: DiskEvent): Buffer {
  switch (event.kind) {
    case "write":
      return event.data;
    case "mark":
      return Buffer.from(event.text);
    case "flush":
      return NOTHING;
  }
}

function eventOf(kind: DiskEvent["kind"], offset: number, data: Buffer): DiskEvent {
  switch (kind) {
    case "write":
      return { kind, offset, data };
    case "mark":
      return { kind, text: data.toString() };
    case "flush":
      return { kind };
  }
}
