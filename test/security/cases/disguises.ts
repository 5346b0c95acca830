import { gzipSync } from "node:zlib";
import { archive, directory, entry, header, pax } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refusedWhole } from "../../support/hostile/hostile-case.ts";
import { summaryOfContents } from "../../support/hostile/tree-summary.ts";

const MANIFEST = JSON.stringify([{ Config: "c.json", RepoTags: ["a:1"], Layers: ["l/layer.tar"] }]);
const LAYER = entry({ name: "l/layer.tar" }, "x");
const DOCKER = archive(directory("l"), LAYER, entry({ name: "manifest.json" }, MANIFEST));
const LAYOUT = entry({ name: "./oci-layout" }, '{"imageLayoutVersion":"1.0.0"}');
const ESCAPING_INDEX = JSON.stringify({
  manifests: [
    { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: "sha256:../../../../outside/secret", size: 6 },
  ],
});

const NESTED = Buffer.alloc(5 * 2 ** 20, "[");

/** Files that are something else, too, or something else than they look like. */
export const disguises: HostileCases = () => [
  ...each([DOCKER, gzipSync(DOCKER), archive(LAYER, entry({ name: "repositories" }, '{"a":{"1":"l"}}'))], (bytes) => ({
    name: `an archive of images, of docker save, for a root file system (${bytes.length} bytes)`,
    archive: bytes,
    outcome: refusedWhole("IMAGE_ARCHIVE", "it is an archive of images made by docker save"),
  })),
  {
    name: "an archive of images whose manifest comes first and again, harmless",
    archive: archive(entry({ name: "manifest.json" }, MANIFEST), LAYER),
    outcome: refusedWhole("IMAGE_ARCHIVE", "docker save"),
  },
  {
    name: "CVE-2024-3727: an OCI layout whose digests are paths: nothing of it is believed",
    archive: archive(LAYOUT, entry({ name: "./index.json" }, ESCAPING_INDEX)),
    outcome: refusedWhole("IMAGE_ARCHIVE", "it is an archive of an OCI image layout"),
  },
  {
    name: "a manifest too large to be one is a file",
    archive: archive(entry({ name: "manifest.json" }, NESTED)),
    outcome: accepted({ "manifest.json": `file 644 ${summaryOfContents(NESTED)}` }),
  },
  {
    name: "a manifest nested deeper than any parser goes",
    archive: archive(entry({ name: "manifest.json" }, NESTED.subarray(0, 4 * 2 ** 20))),
    outcome: accepted({ "manifest.json": `file 644 ${summaryOfContents(NESTED.subarray(0, 4 * 2 ** 20))}` }),
  },
  {
    name: "no attack: files that only have such names",
    archive: archive(
      entry({ name: "manifest.json" }, "[]"),
      entry({ name: "index.json" }, "{"),
      entry({ name: "d/oci-layout" }, "{}"),
      directory("repositories"),
    ),
    outcome: accepted({
      "manifest.json": 'file 644 "[]"',
      "index.json": 'file 644 "{"',
      d: "dir 755",
      "d/oci-layout": 'file 644 "{}"',
      repositories: "dir 755",
    }),
  },
  ...each(["\u001f\u008b\u0008", "BZh9", "\u00fd7zXZ", '\u0004"M\u0018', "LZIP"], (magic) => ({
    name: `a tar that begins as something compressed does (${JSON.stringify(magic)})`,
    archive: archive(header({ name: Buffer.from(magic, "latin1"), mode: 0o600 })),
    outcome: accepted({ [magic]: 'file 600 ""' }),
  })),
  {
    name: "a tar that begins as zstd does, with a slash in it",
    archive: archive(header({ name: Buffer.from("(\u00b5/\u00fd", "latin1"), mode: 0o600 })),
    outcome: accepted({ "(\u00b5": "dir 755", "(\u00b5/\u00fd": 'file 600 ""' }),
  },
  ...each(["\u007fELF\u0002\u0001\u0001", "PK\u0003\u0004", "%PDF-1.7", "#!tar\n"], (magic) => ({
    name: `a tar that begins as another file does (${JSON.stringify(magic)})`,
    archive: archive(header({ name: Buffer.from(magic, "latin1"), type: "5", mode: 0o700 })),
    outcome: accepted({ [magic]: "dir 700" }),
  })),
  {
    name: "a disk whose first blocks are zeros",
    archive: Buffer.concat([Buffer.alloc(1024), Buffer.alloc(4096, "ext4")]),
    outcome: refusedWhole("NOT_A_TAR"),
  },
  ...each(["<html>", "PK\u0003\u0004".repeat(400), "x".repeat(5000)], (text) => ({
    name: `what is no tar (${JSON.stringify(text.slice(0, 8))})`,
    archive: Buffer.from(text, "latin1"),
    outcome: refusedWhole("NOT_A_TAR", "it is not the header of a tar archive"),
  })),
  {
    name: "a tar in a tar is one file",
    archive: archive(entry({ name: "a.tar" }, archive(pax({ path: "../x" }), entry({}, "owned")).subarray(0, 100))),
    outcome: accepted({ "a.tar": String.raw`file 644 "PaxHeaders/x${String.raw`\u0000`.repeat(88)}"` }),
  },
];
