import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  AMD64,
  blobPath,
  configOf,
  edit,
  type Files,
  json,
  layerWith,
  ociFiles,
  packed,
  putBlob,
  putImage,
  putIndex,
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
