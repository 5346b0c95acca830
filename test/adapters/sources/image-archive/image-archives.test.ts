import { appendFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archive, entry, gnuLong, header, pax } from "../../../support/archive-builder.ts";
import {
  AMD64,
  blobPath,
  configOf,
  digestOfBytes,
  edit,
  type Files,
  json,
  layerWith,
  newDockerFiles,
  ociFiles,
  oldDockerFiles,
  packed,
  putBlob,
  putImage,
  putIndex,
  stored,
  type TestImage,
  withIndex,
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
    expect(await archives.layers(format, packed(filesOf([{ layers }])))).toEqual([BASE, TOP, BASE].map(Buffer.from));
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

describe("open docker", () => {
  const oldLayerPath = (layer: Uint8Array): string => `${digestOfBytes(layer).slice(7)}/layer.tar`;

  test.each([{ symlink: `../${oldLayerPath(BASE)}` }, { hardlink: oldLayerPath(BASE) }])(
    "follows the link that stands for a repeated layer: %o",
    async (link) => {
      const files = oldDockerFiles([IMAGE]).set("again/layer.tar", link);
      edit(files, "manifest.json", ([image]) => image.Layers.push("again/layer.tar"));
      const config = configOf({ layers: [BASE, TOP, BASE] });
      files.set("config.json", config);
      edit(files, "manifest.json", ([image]) => {
        image.Config = "config.json";
      });
      expect(await archives.layers("docker", packed(files))).toEqual([BASE, TOP, BASE].map(Buffer.from));
    },
  );

  test("reads long names, and an archive whose names begin with ./", async () => {
    const long = `${"d".repeat(120)}/layer.tar`;
    const config = configOf({ layers: [BASE, TOP] });
    const manifest = json([{ Config: "./config.json", Layers: [long, `./${"p".repeat(200)}`] }]);
    const bytes = archive(
      gnuLong("L", long),
      entry({ name: "cut" }, BASE),
      pax({ path: `./${"p".repeat(200)}` }),
      entry({ name: "cut" }, TOP),
      entry({ name: "./config.json" }, config),
      entry({ name: "./manifest.json" }, manifest),
    );
    expect(await archives.layers("docker", bytes)).toEqual([Buffer.from(BASE), Buffer.from(TOP)]);
  });

  test.each<[string, string, (files: Files) => void]>([
    ["CORRUPT_ARCHIVE", "a manifest that is not JSON", (files) => files.set("manifest.json", Buffer.from("{"))],
    ["CORRUPT_ARCHIVE", "a manifest that is no list", (files) => files.set("manifest.json", json({}))],
    ["CORRUPT_ARCHIVE", "layers that are no paths", (files) => editImage(files, { Layers: [1, 2] })],
    ["CORRUPT_ARCHIVE", "a layer that is not there", (files) => files.delete(oldLayerPath(TOP))],
    ["CORRUPT_ARCHIVE", "a configuration that is not there", (files) => editImage(files, { Config: "none.json" })],
    [
      "CORRUPT_ARCHIVE",
      "a configuration without diffIds",
      (files) => files.set("x", json({})) && editImage(files, { Config: "x" }),
    ],
    ["CORRUPT_ARCHIVE", "fewer layers than diffIds", (files) => editImage(files, { Layers: [oldLayerPath(BASE)] })],
    ["UNSAFE_ARCHIVE", "a path out of the archive", (files) => editImage(files, { Config: "../../etc/passwd" })],
    ["UNSAFE_ARCHIVE", "an absolute path", (files) => editImage(files, { Config: "/etc/passwd" })],
    ["UNSAFE_ARCHIVE", "an empty path", (files) => editImage(files, { Config: "" })],
    ["UNSAFE_ARCHIVE", "a path with a NUL", (files) => editImage(files, { Config: "a\0b" })],
    [
      "UNSAFE_ARCHIVE",
      "a link out of the archive",
      (files) => files.set(oldLayerPath(TOP), { symlink: "../../etc/shadow" }),
    ],
    [
      "UNSAFE_ARCHIVE",
      "a link to an absolute path",
      (files) => files.set(oldLayerPath(TOP), { symlink: "/etc/shadow" }),
    ],
    ["UNSAFE_ARCHIVE", "a link to itself", (files) => files.set(oldLayerPath(TOP), { symlink: "layer.tar" })],
    [
      "UNSAFE_ARCHIVE",
      "links that go round",
      (files) => files.set(oldLayerPath(TOP), { symlink: "../x" }).set("x", { hardlink: oldLayerPath(TOP) }),
    ],
    ["CORRUPT_ARCHIVE", "a link that leads nowhere", (files) => files.set(oldLayerPath(TOP), { hardlink: "nowhere" })],
    [
      "CORRUPT_ARCHIVE",
      "a layer that is a directory",
      (files) => files.set("d/", Buffer.alloc(0)) && editImage(files, { Layers: ["d", "d"] }),
    ],
    ["LIMIT_EXCEEDED", "a giant manifest", (files) => files.set("manifest.json", Buffer.alloc(2 ** 22 + 1, " "))],
  ])("%s: %s", async (code, _title, change) => {
    const files = oldDockerFiles([IMAGE]);
    change(files);
    expect((await archives.refusal("docker", packed(files))).code).toBe(code);
  });

  test("UNSAFE_ARCHIVE: a document or layer that is there twice, so that others may read another one", async () => {
    const files = oldDockerFiles([IMAGE]);
    for (const name of ["manifest.json", "./manifest.json", oldLayerPath(TOP)]) {
      const bytes = archive(packed(files).subarray(0, -1024), entry({ name }, json([])));
      expect((await archives.refusal("docker", bytes)).code).toBe("UNSAFE_ARCHIVE");
    }
  });

  test("UNSAFE_ARCHIVE: a manifest that is a device", async () => {
    const bytes = archive(header({ name: "manifest.json", type: "3", major: 1, minor: 5 }));
    expect((await archives.refusal("docker", bytes)).code).toBe("UNSAFE_ARCHIVE");
  });

  test("CORRUPT_ARCHIVE: an entry that claims more bytes than there are, and a wrong checksum", async () => {
    const first = entry({ name: "first" }, "x");
    const huge = archive(first, header({ name: "manifest.json", size: 2 ** 45 }));
    expect((await archives.refusal("docker", huge)).code).toBe("CORRUPT_ARCHIVE");
    const wrong = archive(first, header({ name: "manifest.json", checksum: 1 }));
    expect((await archives.refusal("docker", wrong)).code).toBe("CORRUPT_ARCHIVE");
  });

  test("LIMIT_EXCEEDED: more entries than any archive of images has", async () => {
    const block = header({ name: "x" });
    const bytes = Buffer.alloc(512 * 20_001 + 1024);
    for (let n = 0; n <= 20_000; n += 1) bytes.set(block, 512 * n);
    expect((await archives.refusal("docker", bytes)).code).toBe("LIMIT_EXCEEDED");
  });

  function editImage(files: Files, fields: object): Files {
    edit(files, "manifest.json", ([image]) => Object.assign(image, fields));
    return files;
  }
});

describe("open OCI", () => {
  const nested = (...images: TestImage[]): Uint8Array => {
    const files: Files = new Map();
    return packed(
      withIndex(files, [
        putIndex(
          files,
          images.map((image) => putImage(files, image)),
        ),
      ]),
    );
  };

  test("chooses this machine's image from an index below index.json", async () => {
    const bytes = nested({ layers: [TOP], platform: ARM64 }, { layers: [BASE], platform: AMD64 });
    expect(await archives.layers("oci", bytes)).toEqual([Buffer.from(BASE)]);
    expect(await archives.layers("oci", bytes, { platform: ARM64 })).toEqual([Buffer.from(TOP)]);
    const s390x = { os: "linux", architecture: "s390x", variant: "" };
    expect(await archives.refusal("oci", bytes, { platform: s390x })).toMatchObject({
      code: "NO_SUCH_PLATFORM",
      message: expect.stringMatching(/linux\/s390x .*linux\/arm64\/v8, linux\/amd64/),
    });
  });

  test("chooses this machine's image from index.json itself, also where only the configuration says the platform", async () => {
    const images = [
      { layers: [TOP], platform: ARM64 },
      { layers: [BASE], platform: AMD64 },
    ];
    expect(await archives.layers("oci", packed(ociFiles(images)))).toEqual([Buffer.from(BASE)]);
    const files: Files = new Map();
    const silent = images.map((image) => ({ ...putImage(files, image), platform: undefined }));
    withIndex(files, [putIndex(files, silent)]);
    expect(await archives.layers("oci", packed(files))).toEqual([Buffer.from(BASE)]);
  });

  test("prefers the best variant that this machine runs", async () => {
    const arm = (variant: string) => ({ os: "linux", architecture: "arm", variant });
    const bytes = nested(
      { layers: [BASE], platform: arm("v5") },
      { layers: [TOP], platform: arm("v6") },
      { layers: [BASE, TOP], platform: arm("v8") },
    );
    expect(await archives.layers("oci", bytes, { platform: arm("v7") })).toEqual([Buffer.from(TOP)]);
    expect((await archives.refusal("oci", bytes, { platform: ARM64 })).code).toBe("NO_SUCH_PLATFORM");
  });

  test("knows an image by containerd's name, whose tag is the reference's name", async () => {
    const files: Files = new Map();
    const listed = ["app", "web"].map((name, position) => ({
      ...putImage(files, { layers: [position === 0 ? BASE : TOP] }),
      annotations: {
        "io.containerd.image.name": `docker.io/library/${name}:latest`,
        "org.opencontainers.image.ref.name": "latest",
      },
    }));
    const bytes = packed(withIndex(files, listed));
    for (const tag of ["web", "web:latest", "docker.io/library/web:latest"]) {
      expect(await archives.layers("oci", bytes, { tag })).toEqual([Buffer.from(TOP)]);
    }
    expect((await archives.refusal("oci", bytes, { tag: "latest" })).code).toBe("NO_SUCH_TAG");
  });

  test("an image under several names is one image", async () => {
    const bytes = packed(ociFiles([{ layers: [BASE], tags: ["app:1", "app:latest"] }]));
    for (const options of [{}, { tag: "app" }, { tag: "1" }]) {
      expect(await archives.layers("oci", bytes, options)).toEqual([Buffer.from(BASE)]);
    }
  });

  test("leaves out attestations and what is no image", async () => {
    const files: Files = new Map();
    const unknown = { os: "unknown", architecture: "unknown", variant: "" };
    const manifests = [
      putImage(files, { layers: [TOP], platform: unknown }),
      { ...putImage(files, { layers: [TOP] }), annotations: { "vnd.docker.reference.type": "attestation-manifest" } },
      putBlob(files, "application/vnd.example.note", json("note")),
      putImage(files, { layers: [BASE] }),
    ];
    expect(await archives.layers("oci", packed(withIndex(files, manifests)))).toEqual([Buffer.from(BASE)]);
  });

  test.each([
    ["docker's types", "application/vnd.docker.image.rootfs.diff.tar.gzip", null],
    ["a foreign layer whose bytes are there", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", null],
    ["zstd", "application/vnd.oci.image.layer.v1.tar+zstd", null],
    ["an encrypted layer", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "UNSUPPORTED_LAYER"],
    ["what is no tar", "application/vnd.oci.image.layer.squashfs", "UNSUPPORTED_LAYER"],
  ])("layer types: %s", async (_title, mediaType, code) => {
    const files: Files = new Map();
    const layer = putBlob(files, mediaType, TOP);
    const bytes = packed(withIndex(files, [putManifest(files, { layers: [layer] })]));
    if (code === null) expect(await archives.layers("oci", bytes)).toEqual([Buffer.from(TOP)]);
    else expect((await archives.refusal("oci", bytes)).code).toBe(code);
  });

  test("UNSUPPORTED_LAYER: a foreign layer whose bytes are elsewhere", async () => {
    const files: Files = new Map();
    const layer = putBlob(files, "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", TOP);
    files.delete(blobPath(TOP));
    const bytes = packed(withIndex(files, [putManifest(files, { layers: [layer] })]));
    expect((await archives.refusal("oci", bytes)).code).toBe("UNSUPPORTED_LAYER");
  });

  test("NO_IMAGE: a manifest of something else than a container image", async () => {
    const files: Files = new Map();
    const config = putBlob(files, "application/vnd.cncf.helm.config.v1+json", json({}));
    const bytes = packed(withIndex(files, [putManifest(files, { config })]));
    expect((await archives.refusal("oci", bytes)).code).toBe("NO_IMAGE");
  });

  test.each<[string, string, (files: Files) => void]>([
    ["CORRUPT_ARCHIVE", "no oci-layout", (files) => files.delete("oci-layout")],
    [
      "CORRUPT_ARCHIVE",
      "a layout of another version",
      (files) => files.set("oci-layout", json({ imageLayoutVersion: "9" })),
    ],
    ["NO_IMAGE", "no index.json", (files) => files.delete("index.json")],
    ["CORRUPT_ARCHIVE", "a layer that is not there", (files) => files.delete(blobPath(TOP))],
    ["CORRUPT_ARCHIVE", "a layer of another size", (files) => files.set(blobPath(TOP), Buffer.concat([TOP, TOP]))],
    [
      "CORRUPT_ARCHIVE",
      "a manifest of another size",
      (files) => edit(files, "index.json", ({ manifests }) => (manifests[0].size += 1)),
    ],
    [
      "CORRUPT_ARCHIVE",
      "a size below zero",
      (files) => edit(files, "index.json", ({ manifests }) => (manifests[0].size = -1)),
    ],
    [
      "CORRUPT_ARCHIVE",
      "a digest that leads elsewhere",
      (files) => edit(files, "index.json", ({ manifests }) => (manifests[0].digest = "sha256:../../etc/passwd")),
    ],
    [
      "CORRUPT_ARCHIVE",
      "a digest of another kind",
      (files) => edit(files, "index.json", ({ manifests }) => (manifests[0].digest = `sha512:${"a".repeat(128)}`)),
    ],
    ["DIGEST_MISMATCH", "a configuration with other bytes", (files) => flip(files, configOf(IMAGE))],
    [
      "UNSAFE_ARCHIVE",
      "a blob that is a link out of the archive",
      (files) => files.set(blobPath(TOP), { symlink: "../../../etc/shadow" }),
    ],
  ])("%s: %s", async (code, _title, change) => {
    const files = ociFiles([IMAGE]);
    change(files);
    expect((await archives.refusal("oci", packed(files))).code).toBe(code);
  });

  test("LIMIT_EXCEEDED: indexes within indexes, deep or wide", async () => {
    const files: Files = new Map();
    let descriptor = putImage(files, IMAGE);
    for (let depth = 0; depth < 5; depth += 1) descriptor = putIndex(files, [descriptor]);
    expect((await archives.refusal("oci", packed(withIndex(files, [descriptor])))).code).toBe("LIMIT_EXCEEDED");

    const wide: Files = new Map();
    const children = Array.from({ length: 1100 }, (_, n) => putIndex(wide, [{ ...putImage(wide, IMAGE), note: n }]));
    const bytes = packed(withIndex(wide, [putIndex(wide, children)]));
    expect((await archives.refusal("oci", bytes)).code).toBe("LIMIT_EXCEEDED");
  });

  function putManifest(files: Files, fields: object): object {
    const config = putBlob(files, "application/vnd.oci.image.config.v1+json", configOf({ layers: [TOP] }));
    const type = "application/vnd.oci.image.manifest.v1+json";
    return putBlob(files, type, json({ schemaVersion: 2, config, layers: [], ...fields }));
  }

  function flip(files: Files, blob: Uint8Array): void {
    files.set(
      blobPath(blob),
      blob.map((byte) => (byte === 0x7b ? 0x5b : byte)),
    );
  }
});
