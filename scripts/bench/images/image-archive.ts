import { createHash } from "node:crypto";
import { mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { DECOMPRESSORS } from "../contestants/decompressors.ts";
import { type Archive, archiveAt } from "./archive.ts";
import { runScript } from "./run-script.ts";

/** What container tools save images as. */
export const IMAGE_ARCHIVE_KINDS = ["oci-archive", "docker-archive"] as const;

export type ImageArchiveKind = (typeof IMAGE_ARCHIVE_KINDS)[number];

/** An image archive as a file, of one image with one layer, tagged `bench:latest`. */
export interface ImageArchive {
  readonly path: string;
  readonly sizeBytes: number;
  readonly kind: ImageArchiveKind;
}

/**
 * A root file system as an image archive: stored as it is in an OCI one, plain in a Docker one, as `docker save` does.
 * @param directory where it is made
 */
export async function imageArchiveOf(
  archive: Archive,
  kind: ImageArchiveKind,
  directory: string,
  stop: AbortSignal,
): Promise<ImageArchive> {
  const layout = `${directory}/layout`;
  const plainPath = `${directory}/layer.tar`;
  const path = `${directory}/image.${kind}.tar`;
  await mkdir(layout);
  try {
    await runScript(`${DECOMPRESSORS[archive.form].at(-1)?.command} "$1" >"$2"`, [archive.path, plainPath], stop);
    const layers = { stored: archive, plain: await archiveAt(plainPath) };
    await (kind === "oci-archive" ? writeOciLayout(layout, layers) : writeDockerLayout(layout, layers));
    await runScript('tar --create --dereference --file "$2" --directory "$1" .', [layout, path], stop);
  } finally {
    await rm(layout, { recursive: true });
    await rm(plainPath, { force: true });
  }
  return { path, sizeBytes: (await stat(path)).size, kind };
}

interface Layer {
  readonly stored: Archive;
  readonly plain: Archive;
}

/** @see OCI image-spec, image layout */
async function writeOciLayout(layout: string, { stored, plain }: Layer): Promise<void> {
  await mkdir(`${layout}/blobs/sha256`, { recursive: true });
  await symlink(stored.path, `${layout}/blobs/sha256/${stored.sha256}`);
  const blob = async (type: string, text: string): Promise<object> => {
    await writeFile(`${layout}/blobs/sha256/${sha256(text)}`, text);
    return { mediaType: `application/vnd.oci.image.${type}`, digest: `sha256:${sha256(text)}`, size: text.length };
  };
  const config = await blob("config.v1+json", configOf(plain));
  const suffix = { tar: "", gz: "+gzip", zst: "+zstd" }[stored.form];
  const layer = {
    mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
    digest: `sha256:${stored.sha256}`,
    size: stored.sizeBytes,
  };
  const type = "manifest.v1+json";
  const mediaType = `application/vnd.oci.image.${type}`;
  const manifest = await blob(type, JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  const tagged = { ...manifest, annotations: { "org.opencontainers.image.ref.name": "latest" } };
  await writeFile(`${layout}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [tagged] }));
  await writeFile(`${layout}/oci-layout`, JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

/** @see `docker save`, image specification v1.2 */
async function writeDockerLayout(layout: string, { plain }: Layer): Promise<void> {
  const config = configOf(plain);
  await symlink(plain.path, `${layout}/${plain.sha256}.tar`);
  await writeFile(`${layout}/${sha256(config)}.json`, config);
  const image = { Config: `${sha256(config)}.json`, RepoTags: ["bench:latest"], Layers: [`${plain.sha256}.tar`] };
  await writeFile(`${layout}/manifest.json`, JSON.stringify([image]));
}

function configOf(plain: Archive): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const rootfs = { type: "layers", diff_ids: [`sha256:${plain.sha256}`] };
  return JSON.stringify({ architecture, os: "linux", config: {}, rootfs });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
