import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cachedFile } from "./cached-file.ts";
import { randomBlocks, randomNumbers, wordyBytes } from "./random-bytes.ts";
import { END_OF_ARCHIVE, padding, tarHeader } from "./tar-entry.ts";

const MIB = 2 ** 20;

/** Archives that are made here, piece by piece: the same bytes every time. */
export const MADE_IMAGES: Readonly<Record<string, () => Iterable<Uint8Array>>> = {
  "small-files": smallFiles,
  "big-file": bigFile,
  sparse: sparseFiles,
  hardlinks: hardLinks,
  xattrs,
};

/** Changes with what they hold. */
const EDITION = 1;

/** One of them as a file. */
export async function madeTar(image: string, pieces: () => Iterable<Uint8Array>, stop: AbortSignal): Promise<string> {
  return cachedFile(`${image}-${EDITION}.tar`, (path) =>
    pipeline(Readable.from(pieces()), createWriteStream(path), { signal: stop }),
  );
}

/** 60,000 files of 200 to 8,000 bytes, 20 in a directory. */
function* smallFiles(): Generator<Uint8Array> {
  const words = wordyBytes(MIB);
  const sizes = randomNumbers(7801);
  const places = randomNumbers(MIB - 8000);
  for (let at = 0; at < 60_000; at++) {
    const directory = `files/${Math.floor(at / 20)}/`;
    if (at % 20 === 0) yield tarHeader({ path: directory, type: "5" });
    const place = places.next().value;
    yield* file(`${directory}${at}`, words.subarray(place, place + 200 + sizes.next().value));
  }
  yield END_OF_ARCHIVE;
}

/** One file of 2 GB, half of it compressible, by turns of 1 MiB. */
function* bigFile(): Generator<Uint8Array> {
  const sizeBytes = 2048 * MIB;
  yield tarHeader({ path: "big", type: "0", sizeBytes });
  const words = wordyBytes(MIB);
  const random = randomBlocks(MIB);
  for (let at = 0; at < sizeBytes; at += 2 * MIB) {
    yield words;
    yield random.next().value;
  }
  yield END_OF_ARCHIVE;
}

/** 200 files of 64 MiB, each with 16 extents of 64 KiB and holes between them. @see GNU tar, sparse format 1.0 */
function* sparseFiles(): Generator<Uint8Array> {
  const realBytes = 64 * MIB;
  const extentBytes = 64 * 1024;
  const extents = Array.from({ length: 16 }, (_, at) => at * 4 * MIB);
  const numbers = [extents.length + 1, ...extents.flatMap((offset) => [offset, extentBytes]), realBytes, 0];
  const text = Buffer.from(numbers.map((number) => `${number}\n`).join(""));
  const map = Buffer.concat([text, padding(text.length)]);
  const random = randomBlocks(extentBytes);
  for (let at = 0; at < 200; at++) {
    const name = `sparse-${at}`;
    yield tarHeader({
      path: `GNUSparseFile.0/${name}`,
      type: "0",
      sizeBytes: map.length + extents.length * extentBytes,
      pax: paxOf({
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": name,
        "GNU.sparse.realsize": String(realBytes),
      }),
    });
    yield map;
    for (const _ of extents) yield random.next().value;
  }
  yield END_OF_ARCHIVE;
}

/** 2,000 files of 4,000 bytes, each with 29 more names in other directories. */
function* hardLinks(): Generator<Uint8Array> {
  const words = wordyBytes(MIB);
  const places = randomNumbers(MIB - 4000);
  for (let copy = 0; copy < 30; copy++) {
    yield tarHeader({ path: `copy-${copy}/`, type: "5" });
    for (let at = 0; at < 2000; at++) {
      const place = places.next().value;
      if (copy === 0) yield* file(`copy-0/${at}`, words.subarray(place, place + 4000));
      else yield tarHeader({ path: `copy-${copy}/${at}`, type: "1", linkPath: `copy-0/${at}` });
    }
  }
  yield END_OF_ARCHIVE;
}

/** 20,000 files of 100 bytes with three attributes each, every tenth with a capability. */
function* xattrs(): Generator<Uint8Array> {
  const words = wordyBytes(100);
  // cap_net_bind_service=ep, as VFS_CAP_REVISION_2
  const capability = Buffer.from("0100000200040000000000000000000000000000", "hex");
  for (let at = 0; at < 20_000; at++) {
    const directory = `files/${Math.floor(at / 100)}/`;
    if (at % 100 === 0) yield tarHeader({ path: directory, type: "5" });
    const attributes = { "user.one": `value ${at}`, "user.two": "the same everywhere", "user.three": "" };
    const pax = paxOf(
      Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`SCHILY.xattr.${key}`, value])),
    );
    if (at % 10 === 0) pax.set("SCHILY.xattr.security.capability", capability);
    yield* file(`${directory}${at}`, words, pax);
  }
  yield END_OF_ARCHIVE;
}

function* file(path: string, contents: Buffer, pax?: ReadonlyMap<string, Uint8Array>): Generator<Uint8Array> {
  const header = { path, type: "0", sizeBytes: contents.length } as const;
  yield tarHeader(pax === undefined ? header : { ...header, pax });
  yield contents;
  yield padding(contents.length);
}

function paxOf(records: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return new Map(Object.entries(records).map(([key, value]) => [key, Buffer.from(value)]));
}
