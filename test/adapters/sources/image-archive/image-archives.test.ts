import { appendFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archive, entry } from "../../../support/archive-builder.ts";
import {
  digestOfBytes,
  json,
  layerWith,
  newDockerFiles,
  ociFiles,
  oldDockerFiles,
  packed,
  stored,
  type TestImage,
} from "../../../support/image-archive.ts";
import { ArchiveDirectory } from "../../../support/opened-image.ts";

let archives: ArchiveDirectory;

beforeEach(() => {
  archives = new ArchiveDirectory();
});
afterEach(() => archives.remove());

const BASE = layerWith("etc/base", "base");
const TOP = layerWith("etc/top", "top");
const IMAGE: TestImage = { layers: [BASE, TOP], tags: ["app:1"] };
const ARM64 = { os: "linux", architecture: "arm64", variant: "v8" };

const LAYOUTS = [
  ["docker, old layout", "docker", oldDockerFiles],
  ["docker, OCI layout", "docker", newDockerFiles],
  ["OCI", "oci", ociFiles],
] as const;

describe.each(LAYOUTS)("open %s", (_title, format, filesOf) => {
  test.each([false, true])(
    "gives the layers, bottom first, and what they have to be (compressed: %s)",
    async (isCompressed) => {
      const image = { ...IMAGE, isCompressed };
      const bytes = packed(filesOf([image]));
      const opened = await archives.open(format, bytes);
      expect(opened).toMatchObject({
        digest: digestOfBytes(bytes),
        sizeBytes: bytes.length,
        layers: image.layers.map((layer) => ({
          digest: digestOfBytes(stored(image, layer)),
          sizeBytes: stored(image, layer).length,
          diffId: digestOfBytes(layer),
        })),
      });
      await opened.close();
      expect(await archives.layers(format, bytes)).toEqual(
        image.layers.map((layer) => Buffer.from(stored(image, layer))),
      );
    },
  );

  test("gives a layer's bytes from an offset on", async () => {
    const opened = await archives.open(format, packed(filesOf([IMAGE])));
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.bytesOf(digestOfBytes(TOP), 500)) chunks.push(chunk);
    await opened.close();
    expect(Buffer.concat(chunks).equals(TOP.subarray(500))).toBe(true);
  });

  test("reads an archive that is compressed with gzip, and leaves nothing of it", async () => {
    const bytes = gzipSync(packed(filesOf([IMAGE])));
    const opened = await archives.open(format, bytes, { expected: digestOfBytes(bytes) });
    expect(opened).toMatchObject({ digest: digestOfBytes(bytes), sizeBytes: bytes.length });
    expect(readdirSync(join(archives.root, "tmp"))).toEqual([]);
    await opened.close();
    expect(await archives.layers(format, bytes)).toEqual([Buffer.from(BASE), Buffer.from(TOP)]);
  });

  test("chooses by TAG: the name with its tag, the tag alone, or the position", async () => {
    const other: TestImage = { layers: [BASE], tags: ["other:2", "localhost:5000/other:latest"] };
    const bytes = packed(filesOf([IMAGE, other]));
    for (const tag of [
      "other:2",
      "2",
      "localhost:5000/other:latest",
      "localhost:5000/other",
      "docker.io/library/other:2",
    ])
      expect(await archives.layers(format, bytes, { tag })).toHaveLength(1);
    for (const tag of ["app:1", "1", "@0"]) expect(await archives.layers(format, bytes, { tag })).toHaveLength(2);
  });

  test("several images and no TAG, or one that is not there: NO_SUCH_TAG lists those that are", async () => {
    const bytes = packed(filesOf([IMAGE, { layers: [BASE], tags: ["other:2"] }]));
    for (const tag of [undefined, "3", "app:2", "@7"]) {
      const error = await archives.refusal(format, bytes, tag === undefined ? {} : { tag });
      expect(error).toMatchObject({ code: "NO_SUCH_TAG", message: expect.stringMatching(/app:1.*other:2/) });
    }
  });

  test("a tag that several images have is NO_SUCH_TAG", async () => {
    const bytes = packed(filesOf([IMAGE, { layers: [BASE], tags: ["other:1"] }]));
    expect((await archives.refusal(format, bytes, { tag: "1" })).code).toBe("NO_SUCH_TAG");
  });

  test("several images without a name are told apart by position", async () => {
    const bytes = packed(filesOf([{ layers: [BASE, TOP] }, { layers: [BASE] }]));
    expect(await archives.refusal(format, bytes)).toMatchObject({ code: "NO_SUCH_TAG", message: /@0, @1/ });
    expect(await archives.layers(format, bytes, { tag: "@1" })).toHaveLength(1);
  });

  test("an image for another platform is NO_SUCH_PLATFORM, which names both", async () => {
    const bytes = packed(filesOf([{ ...IMAGE, platform: ARM64 }]));
    expect(await archives.refusal(format, bytes)).toMatchObject({
      code: "NO_SUCH_PLATFORM",
      message: expect.stringMatching(/linux\/amd64 .*linux\/arm64\/v8/),
    });
    expect(await archives.layers(format, bytes, { platform: ARM64 })).toHaveLength(2);
  });

  test("the same layer twice is legal, and one that changes nothing is left out", async () => {
    const layers = [BASE, archive(), TOP, BASE];
    expect(await archives.layers(format, packed(filesOf([{ layers }])))).toEqual(
      [BASE, TOP, BASE].map((layer) => Buffer.from(layer)),
    );
  });

  test("500 layers are taken, 501 are LIMIT_EXCEEDED", async () => {
    const layers = Array.from({ length: 501 }, (_, n) => layerWith(`${n}`, ""));
    expect(await archives.layers(format, packed(filesOf([{ layers: layers.slice(1) }])))).toHaveLength(500);
    expect((await archives.refusal(format, packed(filesOf([{ layers }])))).code).toBe("LIMIT_EXCEEDED");
  });

  test("an image without layers is NO_IMAGE", async () => {
    expect((await archives.refusal(format, packed(filesOf([{ layers: [] }])))).code).toBe("NO_IMAGE");
    expect((await archives.refusal(format, packed(filesOf([])))).code).toBe("NO_IMAGE");
  });

  test("another digest than the expected is DIGEST_MISMATCH, whatever is wrong with the archive", async () => {
    const expected = digestOfBytes(BASE);
    for (const bytes of [packed(filesOf([IMAGE])), Buffer.from("no tar"), gzipSync("no tar").subarray(0, 20)]) {
      expect((await archives.refusal(format, bytes, { expected })).code).toBe("DIGEST_MISMATCH");
    }
  });

  test("an archive beyond the limit is IMAGE_TOO_LARGE, compressed or not", async () => {
    const bytes = packed(filesOf([IMAGE]));
    expect((await archives.refusal(format, bytes, { maxBytes: bytes.length - 1 })).code).toBe("IMAGE_TOO_LARGE");
    expect((await archives.refusal(format, gzipSync(bytes), { maxBytes: bytes.length - 1 })).code).toBe(
      "IMAGE_TOO_LARGE",
    );
  });

  test("an archive that is cut short is refused, wherever it is", async () => {
    const bytes = packed(filesOf([IMAGE]));
    for (let length = bytes.length - 1024 - 512; length > 0; length -= 512) {
      const { code } = await archives.refusal(format, bytes.subarray(0, length));
      expect(["CORRUPT_ARCHIVE", "NO_IMAGE", "NOT_A_TAR"]).toContain(code);
    }
  });

  test("what is no tar, empty, compressed twice or otherwise is told by its code", async () => {
    expect((await archives.refusal(format, Buffer.alloc(2000, "x"))).code).toBe("NOT_A_TAR");
    expect((await archives.refusal(format, Buffer.alloc(0))).code).toBe("NOT_A_TAR");
    expect((await archives.refusal(format, archive())).code).toBe("NOT_A_TAR");
    expect((await archives.refusal(format, gzipSync(gzipSync(archive())))).code).toBe("NOT_A_TAR");
    const zstd = Buffer.from("28b52ffd2400010000", "hex");
    expect((await archives.refusal(format, zstd)).code).toBe("UNSUPPORTED_COMPRESSION");
    const damaged = gzipSync(packed(filesOf([IMAGE])));
    damaged.fill(0, 60, 80);
    expect((await archives.refusal(format, damaged)).code).toBe("CORRUPT_ARCHIVE");
    expect((await archives.refusal(format, packed(new Map([["etc/passwd", json("x")]])))).code).toBe("NO_IMAGE");
  });

  test("a signal ends it, also before it begins", async () => {
    const stop = new AbortController();
    const options = { signal: stop.signal, onBytes: () => stop.abort() };
    const bytes = packed(filesOf([{ layers: [archive(entry({ name: "big" }, Buffer.alloc(600_000, "x")))] }]));
    expect((await archives.refusal(format, bytes, options)).code).toBe("INTERRUPTED");
    expect((await archives.refusal(format, bytes, options)).code).toBe("INTERRUPTED");
  });

  test("a file that changes while it is read is SOURCE_CHANGED, not what is found wrong in it", async () => {
    const bytes = packed(filesOf([IMAGE]));
    const truncate = (): void => writeFileSync(archives.file, bytes.subarray(0, 600));
    const extend = (): void => appendFileSync(archives.file, Buffer.alloc(512));
    const touch = (): void => utimesSync(archives.file, 1, 1);
    for (const onBytes of [truncate, extend, touch]) {
      expect((await archives.refusal(format, bytes, { onBytes })).code).toBe("SOURCE_CHANGED");
    }
    const opened = await archives.open(format, bytes);
    extend();
    const reading = opened.bytesOf(digestOfBytes(BASE), 0)[Symbol.asyncIterator]();
    await reading.next();
    await expect(reading.next()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    await opened.close();
  });
});
