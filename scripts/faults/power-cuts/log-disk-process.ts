// `node log-disk-process.js DIRECTORY IMAGE LOG`: a FUSE file system on a directory with two files. `disk` is the image,
// and every write and flush of it is appended to the log; what is appended to `marks` stands in the log between them.
// Says "ready" on stdout, and ends when it is unmounted. A process by itself: whoever waits for the disk must not be the
// one that it waits for.
import { openSync, readSync, statSync, writeSync, writevSync } from "node:fs";
import { endWithParent } from "../../../adapters/linux/end-with-parent.ts";
import { hasCode } from "../../../adapters/linux/errno.ts";
import { mountAt } from "../../../adapters/linux/mount-api.ts";
import { type DiskEvent, encodeEvent } from "./disk-log.ts";
import {
  EINVAL,
  ENOENT,
  ENOSYS,
  encodeAnswer,
  encodeAttributes,
  encodeEntry,
  encodeInit,
  encodeOpened,
  encodeStatfs,
  encodeWritten,
  type FuseNode,
  type FuseRequest,
  OPCODE,
  parseRequest,
  parseTransfer,
  REQUEST_BYTES,
} from "./fuse-protocol.ts";

const MS_NOSUID = 2;
const MS_NODEV = 4;

const [, , directory = "", imagePath = "", logPath = ""] = process.argv;
const image = openSync(imagePath, "r+");
const log = openSync(logPath, "a");

const ROOT: FuseNode = { node: 1n, isDirectory: true, sizeBytes: 0 };
const DISK: FuseNode = { node: 2n, isDirectory: false, sizeBytes: statSync(imagePath).size };
const MARKS: FuseNode = { node: 3n, isDirectory: false, sizeBytes: 0 };
const NAMES: ReadonlyMap<string, FuseNode> = new Map([
  ["disk", DISK],
  ["marks", MARKS],
]);
const NODES: ReadonlyMap<bigint, FuseNode> = new Map([ROOT, DISK, MARKS].map((node) => [node.node, node]));

const NOTHING = Buffer.alloc(0);

/** An answer's body, or the number of an error; null where none is expected. */
type Answer = Buffer | number | null;

const ANSWERS: ReadonlyMap<number, (request: FuseRequest) => Answer> = new Map([
  [OPCODE.init, () => encodeInit()],
  [OPCODE.lookup, ({ body }) => lookUp(body.toString("utf8", 0, body.indexOf(0)))],
  [OPCODE.getattr, ({ node }) => attributesOf(node)],
  // its size and its times stay what they are
  [OPCODE.setattr, ({ node }) => attributesOf(node)],
  [OPCODE.open, ({ node }) => encodeOpened(node)],
  [OPCODE.opendir, ({ node }) => encodeOpened(node)],
  [OPCODE.read, read],
  [OPCODE.write, write],
  [OPCODE.fsync, flush],
  [OPCODE.statfs, () => encodeStatfs()],
  [OPCODE.readdir, () => NOTHING],
  // of a descriptor that is closed: nothing of a file is kept here
  [OPCODE.flush, () => NOTHING],
  [OPCODE.release, () => NOTHING],
  [OPCODE.releasedir, () => NOTHING],
  [OPCODE.forget, () => null],
  [OPCODE.batchForget, () => null],
  [OPCODE.interrupt, () => null],
]);

endWithParent();
const fuse = openSync("/dev/fuse", "r+");
const options = `fd=${fuse},rootmode=40000,user_id=0,group_id=0`;
mountAt("imgstore-log-disk", directory, "fuse", MS_NOSUID | MS_NODEV, options);
writeSync(process.stdout.fd, "ready\n");
const buffer = Buffer.alloc(REQUEST_BYTES);
for (let sizeBytes = receive(); sizeBytes > 0; sizeBytes = receive())
  answer(parseRequest(buffer.subarray(0, sizeBytes)));

/** 0 when there is nothing more to come. */
function receive(): number {
  for (;;) {
    try {
      return readSync(fuse, buffer);
    } catch (error) {
      if (hasCode(error, "ENODEV")) return 0;
      // a request that was taken back, or a signal
      if (!hasCode(error, "ENOENT", "EINTR", "EAGAIN")) throw error;
    }
  }
}

function answer(request: FuseRequest): void {
  const given = (ANSWERS.get(request.opcode) ?? (() => ENOSYS))(request);
  if (given === null) return;
  try {
    writeSync(fuse, encodeAnswer(request.unique, given));
  } catch (error) {
    // nobody waits for it any more
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function lookUp(name: string): Answer {
  const found = NAMES.get(name);
  return found === undefined ? ENOENT : encodeEntry(found);
}

function attributesOf(node: bigint): Answer {
  const found = NODES.get(node);
  return found === undefined ? ENOENT : encodeAttributes(found);
}

function read({ node, body }: FuseRequest): Answer {
  const { offset, sizeBytes } = parseTransfer(body);
  if (node !== DISK.node) return NOTHING;
  const data = Buffer.alloc(sizeBytes);
  return data.subarray(0, readSync(image, data, 0, sizeBytes, offset));
}

function write({ node, body }: FuseRequest): Answer {
  const { offset, data } = parseTransfer(body);
  if (node === MARKS.node) {
    record({ kind: "mark", text: data.toString() });
    return encodeWritten(data.length);
  }
  if (node !== DISK.node || offset + data.length > DISK.sizeBytes) return EINVAL;
  record({ kind: "write", offset, data });
  return encodeWritten(writeSync(image, data, 0, data.length, offset));
}

function flush({ node }: FuseRequest): Answer {
  if (node === DISK.node) record({ kind: "flush" });
  return NOTHING;
}

function record(event: DiskEvent): void {
  writevSync(log, encodeEvent(event));
}
