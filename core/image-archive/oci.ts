import * as v from "valibot";
import { type Digest, hexOf } from "../digests.ts";
import type { Choice } from "./choose.ts";
import { type ArchiveDocument, digestText, parseDocument } from "./documents.ts";
import { refusal } from "./refusal.ts";

/** Where an OCI layout says that it is one, and where it begins. */
export const OCI_LAYOUT = "oci-layout";
export const OCI_INDEX = "index.json";

/** What a document says of a blob. @see OCI image-spec, descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** A manifest, or an index of manifests, as an index lists it. */
export interface ListedManifest extends Descriptor, Choice {
  readonly kind: "manifest" | "index";
}

export interface OciManifest {
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Descriptor[];
}

export function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

const KINDS: ReadonlyMap<string, ListedManifest["kind"]> = new Map([
  ["application/vnd.oci.image.manifest.v1+json", "manifest"],
  ["application/vnd.docker.distribution.manifest.v2+json", "manifest"],
  ["application/vnd.oci.image.index.v1+json", "index"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "index"],
]);

const CONFIGS: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
]);

const DESCRIPTOR = {
  mediaType: v.string(),
  digest: digestText,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
};

const LAYOUT = v.object({ imageLayoutVersion: v.literal("1.0.0") });

const LISTED = v.object({
  ...DESCRIPTOR,
  annotations: v.nullish(v.record(v.string(), v.string()), {}),
  platform: v.nullish(
    v.object({
      os: v.optional(v.string(), ""),
      architecture: v.optional(v.string(), ""),
      variant: v.optional(v.string(), ""),
    }),
  ),
});

const INDEX = v.object({ schemaVersion: v.literal(2), manifests: v.array(LISTED) });

const MANIFEST = v.object({
  schemaVersion: v.literal(2),
  config: v.object(DESCRIPTOR),
  layers: v.array(v.object(DESCRIPTOR)),
});

/** @throws {ImgstoreError} CORRUPT_ARCHIVE where the layout is none or of a version that is not known */
export function checkLayout(document: ArchiveDocument): void {
  parseDocument(LAYOUT, document);
}

/**
 * The images and indexes of images that an index lists, each once, with all its names. What is about an image (an
 * attestation) or no image at all is left out.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE
 * @see OCI image-spec, image-index.md
 */
export function parseIndex(document: ArchiveDocument): ListedManifest[] {
  const listed = new Map<Digest, ListedManifest>();
  for (const entry of parseDocument(INDEX, document).manifests) {
    const manifest = toListed(entry);
    if (manifest === null) continue;
    const names = [...(listed.get(manifest.digest)?.names ?? []), ...manifest.names];
    listed.set(manifest.digest, { ...manifest, names: [...new Set(names)] });
  }
  return [...listed.values()];
}

function toListed({ annotations, platform, ...entry }: v.InferOutput<typeof LISTED>): ListedManifest | null {
  const kind = KINDS.get(entry.mediaType);
  const isAttestation =
    platform?.os === "unknown" || annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
  if (kind === undefined || isAttestation) return null;
  // containerd gives both, the reference's name being only the tag then.
  const name = annotations?.["io.containerd.image.name"] ?? annotations?.["org.opencontainers.image.ref.name"];
  const isSaid = platform?.os && platform.architecture;
  return {
    kind,
    ...toDescriptor(entry),
    names: name === undefined ? [] : [name],
    platform: isSaid ? { os: platform.os, architecture: platform.architecture, variant: platform.variant } : null,
  };
}

/**
 * A manifest of a container image.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE; NO_IMAGE where it is of something else
 * @see OCI image-spec, manifest.md
 */
export function parseManifest(document: ArchiveDocument): OciManifest {
  const { config, layers } = parseDocument(MANIFEST, document);
  if (!CONFIGS.has(config.mediaType)) {
    throw refusal("NO_IMAGE", document.path, `is no manifest of a container image but of "${config.mediaType}"`);
  }
  return { config: toDescriptor(config), layers: layers.map(toDescriptor) };
}

function toDescriptor({ mediaType, digest, size }: RawDescriptor): Descriptor {
  return { mediaType, digest, sizeBytes: size };
}

type RawDescriptor = v.InferOutput<typeof MANIFEST>["config"];
