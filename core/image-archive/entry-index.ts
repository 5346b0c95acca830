import { printable } from "../names.ts";
import { refusal } from "./refusal.ts";

/** Where bytes lie in the plain archive. */
export interface ByteRange {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** An entry of the outer archive, but for directories and extended headers. */
export interface ArchiveEntry {
  readonly path: string;
  readonly kind: "file" | "symlink" | "hardlink" | "other";
  /** Of a link, as it is stored. */
  readonly target: string;
  readonly range: ByteRange;
}

/** Images have hundreds of files, whatever they hold: the entries of their file systems are within the layers. */
export const MAX_ARCHIVE_ENTRIES = 20_000;

const MAX_PATH_LENGTH = 4096;
const MAX_NAMES_LENGTH = 2 ** 24;
const MAX_LINKS = 16;

/**
 * What lies in an archive of images under which path. Nothing is ever written under these paths: they are only names by
 * which documents speak of other documents and of layers.
 */
export class EntryIndex {
  readonly #entries = new Map<string, ArchiveEntry | "ambiguous">();
  #count = 0;
  #namesLength = 0;

  /** @throws {ImgstoreError} LIMIT_EXCEEDED */
  add(entry: ArchiveEntry): void {
    this.#count += 1;
    this.#namesLength += entry.path.length + entry.target.length;
    if (this.#count > MAX_ARCHIVE_ENTRIES || this.#namesLength > MAX_NAMES_LENGTH) {
      throw refusal("LIMIT_EXCEEDED", entry.path, `is one entry too many: ${MAX_ARCHIVE_ENTRIES} are allowed`);
    }
    // What cannot be named stays out.
    const path = normalised(entry.path, "");
    if (path !== null) this.#entries.set(path, this.#entries.has(path) ? "ambiguous" : entry);
  }

  /** Whether there is anything of that path. */
  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /**
   * The regular file that a document means, also by way of links (`docker save` has written a repeated layer so).
   * @throws {ImgstoreError} CORRUPT_ARCHIVE where there is none; UNSAFE_ARCHIVE where the path or a link leads out of the
   *   archive, links go round, or the name is there twice, so that another reader may find another file
   */
  fileAt(path: string): ByteRange {
    let place = normalised(path, "");
    for (let links = 0; links <= MAX_LINKS; links += 1) {
      if (place === null) throw refusal("UNSAFE_ARCHIVE", path, "leads out of the archive");
      const entry = this.#entries.get(place);
      if (entry === "ambiguous") throw refusal("UNSAFE_ARCHIVE", path, `is there twice, as "${printable(place)}"`);
      if (entry === undefined) throw refusal("CORRUPT_ARCHIVE", path, "is named, and is not there");
      if (entry.kind === "file") return entry.range;
      if (entry.kind === "other") throw refusal("UNSAFE_ARCHIVE", path, "is not a regular file");
      place = normalised(entry.target, entry.kind === "symlink" ? parentOf(place) : "");
    }
    throw refusal("UNSAFE_ARCHIVE", path, "is a link that goes round, or over too many links");
  }
}

/** A path below the archive's top, without "." and ".."; null for one that leads elsewhere. */
function normalised(path: string, base: string): string | null {
  if (path === "" || path.startsWith("/") || path.length > MAX_PATH_LENGTH || path.includes("\0")) return null;
  const components: string[] = [];
  for (const component of `${base}/${path}`.split("/")) {
    if (component === "..") {
      if (components.pop() === undefined) return null;
    } else if (component !== "" && component !== ".") components.push(component);
  }
  return components.length === 0 ? null : components.join("/");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
