import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archive, entry, gnuLong, header, pax } from "../../../support/archive-builder.ts";
import {
  configOf,
  digestOfBytes,
  edit,
  type Files,
  json,
  layerWith,
  oldDockerFiles,
  packed,
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
      expect(await archives.layers("docker", packed(files))).toEqual(
        [BASE, TOP, BASE].map((layer) => Buffer.from(layer)),
      );
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
