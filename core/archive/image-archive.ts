import { ImgstoreError } from "../errors.ts";
import { latin1 } from "./bytes.ts";
import type { Plan } from "./plan.ts";

/** A manifest larger than this is none. */
const MAX_DOCUMENT_BYTES = 4 * 2 ** 20;

/** The files by which an image archive is known; they lie at its top. */
const DOCUMENTS: ReadonlySet<string> = new Set(["manifest.json", "repositories", "oci-layout", "index.json"]);

/**
 * Watches an archive for being an image's (`docker save`, an OCI layout) rather than a root file system's. Such an
 * archive is a tar like any other until its manifest comes, often last: ask at the end.
 */
export class ImageArchiveWatch {
  readonly #documents = new Map<string, Uint8Array>();
  #hasLayerTars = false;
  #watched: Uint8Array | null = null;

  begin(plan: Plan): void {
    this.#watched = null;
    if (plan.kind !== "file") return;
    const { path, sizeBytes } = plan;
    if (path.nameStart > 0) {
      this.#hasLayerTars ||= sizeBytes > 0 && endsWithLayerTar(path.bytes);
      return;
    }
    if (path.bytes.length > MAX_DOCUMENT_NAME || sizeBytes > MAX_DOCUMENT_BYTES || plan.isSparse) return;
    const name = latin1(path.bytes);
    if (!DOCUMENTS.has(name)) return;
    this.#watched = new Uint8Array(sizeBytes);
    this.#documents.set(name, this.#watched);
  }

  content(bytes: Uint8Array, start: number, end: number, position: number): void {
    if (this.#watched !== null) this.#watched.set(bytes.subarray(start, end), position);
  }

  /** @throws {ImgstoreError} IMAGE_ARCHIVE with the source to give instead */
  finish(): void {
    const manifest = this.#document("manifest.json");
    if (isDockerManifest(manifest) || (this.#hasLayerTars && isObject(this.#document("repositories")))) {
      throw imageArchive("an archive of images made by docker save", "docker-archive:PATH");
    }
    const layout = this.#document("oci-layout");
    const index = this.#document("index.json");
    if (isObject(layout) && "imageLayoutVersion" in layout && isObject(index) && "manifests" in index) {
      throw imageArchive("an archive of an OCI image layout", "oci-archive:PATH");
    }
  }

  #document(name: string): unknown {
    const bytes = this.#documents.get(name);
    if (bytes === undefined) return null;
    try {
      return JSON.parse(latin1(bytes));
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
}

const MAX_DOCUMENT_NAME = 16;
const LAYER_TAR = "/layer.tar";

function endsWithLayerTar(path: Uint8Array): boolean {
  return path.length > LAYER_TAR.length && latin1(path, path.length - LAYER_TAR.length) === LAYER_TAR;
}

function isDockerManifest(manifest: unknown): boolean {
  return Array.isArray(manifest) && manifest.some((image) => isObject(image) && Array.isArray(image["Layers"]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function imageArchive(what: string, source: string): ImgstoreError {
  return new ImgstoreError("IMAGE_ARCHIVE", `cannot unpack the archive as a root file system: it is ${what}`, {
    hint: `give it as ${source}`,
  });
}
