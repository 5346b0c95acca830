import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Digest } from "../../core/digests.ts";
import type { Platform } from "../../core/image-archive/platform.ts";
import { archive, directory, entry, hardlink, symlink } from "./archive-builder.ts";

/** An image to be saved. */
export interface TestImage {
  /** Plain tars, bottom first. */
  readonly layers: readonly Uint8Array[];
  /** Names with tags. */
  readonly tags?: readonly string[];
  readonly platform?: Platform;
  readonly isCompressed?: boolean;
  /** Instead of the layers' own: what its configuration says. */
  readonly diffIds?: readonly Digest[];
}

/** What lies in an archive under a path. */
export type Content = Uint8Array | { readonly symlink: string } | { readonly hardlink: string };

/** The files of an archive, to be changed before they are packed. */
export type Files = Map<string, Content>;

export const AMD64: Platform = { os: "linux", architecture: "amd64", variant: "" };

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

export function digestOfBytes(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A layer with one text file. */
export function layerWith(path: string, text: string): Uint8Array {
  return archive(entry({ name: path }, text));
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** The document under a path, changed by `change`. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test changes whatever field it likes
export function edit(files: Files, path: string, change: (document: any) => void): void {
  const content = files.get(path);
  if (!(content instanceof Uint8Array)) throw new Error(`there is no document ${path}`);
  const document: unknown = JSON.parse(Buffer.from(content).toString());
  change(document);
  files.set(path, json(document));
}

/** The files as a tar, in their order. */
export function packed(files: Files): Uint8Array {
  const pieces = [...files].map(([name, content]) => {
    if (content instanceof Uint8Array) return name.endsWith("/") ? directory(name) : entry({ name }, content);
    return "symlink" in content ? symlink(name, content.symlink) : hardlink(name, content.hardlink);
  });
  return archive(...pieces);
}

/** What `docker save` wrote before v25: a directory a layer, a configuration an image. */
export function oldDockerFiles(images: readonly TestImage[]): Files {
  const files: Files = new Map();
  const manifest = images.map((image) => {
    const config = configOf(image);
    const configPath = `${hexOf(config)}.json`;
    files.set(configPath, config);
    const paths = image.layers.map((layer) => {
      const bytes = stored(image, layer);
      const path = `${hexOf(bytes)}/layer.tar`;
      files.set(path, bytes);
      return path;
    });
    return { Config: configPath, RepoTags: image.tags ?? null, Layers: paths };
  });
  return files.set("manifest.json", json(manifest));
}

/** What `docker save` has written since v25: an OCI layout with docker's manifest beside. */
export function newDockerFiles(images: readonly TestImage[]): Files {
  const files = ociFiles(images);
  const manifest = images.map((image) => ({
    Config: blobPath(configOf(image)),
    RepoTags: image.tags ?? [],
    Layers: image.layers.map((layer) => blobPath(stored(image, layer))),
  }));
  return files.set("manifest.json", json(manifest));
}

/** An OCI layout whose index lists each image under each of its tags. */
export function ociFiles(images: readonly TestImage[]): Files {
  const files: Files = new Map();
  const manifests = images.flatMap((image) => {
    const descriptor = putImage(files, image);
    const tags = image.tags ?? [];
    const named = tags.map((tag) => ({ ...descriptor, annotations: { "org.opencontainers.image.ref.name": tag } }));
    return named.length === 0 ? [descriptor] : named;
  });
  return withIndex(files, manifests);
}

/** Completes a layout. */
export function withIndex(files: Files, manifests: readonly unknown[]): Files {
  files.set("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  return files.set("index.json", json({ schemaVersion: 2, manifests }));
}

/** Puts an image's blobs into a layout; its descriptor, as an index lists it. */
export function putImage(files: Files, image: TestImage): object {
  const layers = image.layers.map((layer) => {
    const suffix = image.isCompressed === true ? "+gzip" : "";
    return putBlob(files, `application/vnd.oci.image.layer.v1.tar${suffix}`, stored(image, layer));
  });
  const config = putBlob(files, "application/vnd.oci.image.config.v1+json", configOf(image));
  const manifest = putBlob(files, MANIFEST_TYPE, json({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers }));
  return image.platform === undefined ? manifest : { ...manifest, platform: image.platform };
}

/** Puts an index of images into a layout; its descriptor. */
export function putIndex(files: Files, manifests: readonly unknown[]): object {
  return putBlob(files, INDEX_TYPE, json({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
}

export function putBlob(files: Files, mediaType: string, bytes: Uint8Array): object {
  files.set(blobPath(bytes), bytes);
  return { mediaType, digest: digestOfBytes(bytes), size: bytes.length };
}

export function blobPath(bytes: Uint8Array): string {
  return `blobs/sha256/${hexOf(bytes)}`;
}

export function configOf({ layers, platform = AMD64, diffIds = layers.map(digestOfBytes) }: TestImage): Uint8Array {
  return json({ ...platform, config: {}, rootfs: { type: "layers", diff_ids: diffIds } });
}

/** A layer's bytes as the image keeps them. */
export function stored({ isCompressed = false }: TestImage, layer: Uint8Array): Uint8Array {
  return isCompressed ? gzipSync(layer) : layer;
}

function hexOf(bytes: Uint8Array): string {
  return digestOfBytes(bytes).slice("sha256:".length);
}
