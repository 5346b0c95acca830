import * as v from "valibot";
import { type Digest, parseDigest } from "../digests.ts";
import type { Choice } from "./choose.ts";
import { type ArchiveDocument, parseDocument } from "./documents.ts";

/** Where `docker save` lists the images of an archive, in its old layout and in the OCI one that it writes since v25. */
export const DOCKER_MANIFEST = "manifest.json";

/** An image of `docker save`, as its manifest lists it. */
export interface DockerImage extends Choice {
  readonly configPath: string;
  /** Bottom first. */
  readonly layerPaths: readonly string[];
}

const MANIFEST = v.array(
  v.object({
    Config: v.string(),
    RepoTags: v.nullish(v.array(v.string()), []),
    Layers: v.nullish(v.array(v.string()), []),
  }),
);

/**
 * The images of an archive.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE
 * @see moby, image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format"
 */
export function parseDockerManifest(document: ArchiveDocument): DockerImage[] {
  return parseDocument(MANIFEST, document).map(({ Config, RepoTags, Layers }) => ({
    names: RepoTags ?? [],
    platform: null,
    configPath: Config,
    layerPaths: Layers ?? [],
  }));
}

/** The digest that a path of the OCI layout claims its bytes to have; null for other paths. */
export function digestInPath(path: string): Digest | null {
  const hex = /^(?:\.\/)?blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  return hex === undefined ? null : parseDigest(hex);
}
