import type { DiskEvent } from "./disk-log.ts";

/** An image as a caller was told of it. */
export interface ToldImage {
  readonly name: string;
  /** Tells one registration of a name from another. */
  readonly createdAtMs: number;
  readonly state: string;
  readonly version: number;
}

/** What a user wrote into an image and synced. */
export interface UserFile {
  /** Of the image. */
  readonly name: string;
  /** Below the image's root. */
  readonly path: string;
  readonly text: string;
}

/** What is asked to be taken away: an image, or only what was written into it. */
export interface Taking {
  readonly name: string;
  readonly what: "image" | "upper";
}

/** What stands in a disk's log beside what the disk was told. */
export type Mark =
  /** Somebody is about to ask for something, which may take away an image of that name or what was written into it. */
  | { readonly kind: "asks"; readonly takes: Taking | null }
  /** He was answered, and these are all images; with a copy of a database that lies on another disk. */
  | { readonly kind: "told"; readonly images: readonly ToldImage[]; readonly database: string | null }
  | { readonly kind: "synced"; readonly file: UserFile };

/** What has been promised to callers, and must be true whenever the power comes back. */
export interface Promises {
  /** They are there, in that state or a later one. */
  readonly images: readonly ToldImage[];
  /** Registrations that are over. */
  readonly gone: readonly ToldImage[];
  readonly files: readonly UserFile[];
  readonly goneFiles: readonly UserFile[];
}

export function encodeMark(mark: Mark): string {
  return JSON.stringify(mark);
}

/** What had been promised by the end of these events. */
export function promisesOf(events: readonly DiskEvent[]): Promises {
  const ledger = new Ledger();
  for (const event of events) if (event.kind === "mark") ledger.enter(parseMark(event.text));
  return ledger;
}

/** When nobody was at it and a copy of the database was made: how many events came before, and the copy. */
export function restsOf(events: readonly DiskEvent[]): { readonly at: number; readonly database: string }[] {
  return events.flatMap((event, index) => {
    const mark = event.kind === "mark" ? parseMark(event.text) : null;
    return mark?.kind === "told" && mark.database !== null ? [{ at: index + 1, database: mark.database }] : [];
  });
}

function parseMark(text: string): Mark {
  return JSON.parse(text);
}

class Ledger implements Promises {
  images: readonly ToldImage[] = [];
  gone: readonly ToldImage[] = [];
  files: readonly UserFile[] = [];
  goneFiles: readonly UserFile[] = [];
  /** Asked to be taken away: there or not, until somebody is told. */
  #leaving: { readonly images: readonly ToldImage[]; readonly files: readonly UserFile[] } = { images: [], files: [] };

  enter(mark: Mark): void {
    switch (mark.kind) {
      case "synced":
        this.files = [...this.files, mark.file];
        return;
      case "asks":
        if (mark.takes !== null) this.#take(mark.takes);
        return;
      case "told":
        this.#tell(mark.images);
    }
  }

  #take({ name, what }: Taking): void {
    const isNamed = (one: { readonly name: string }): boolean => one.name === name;
    this.#leaving = {
      images: what === "image" ? this.images.filter(isNamed) : [],
      files: this.files.filter(isNamed),
    };
    this.images = this.images.filter((image) => !this.#leaving.images.includes(image));
    this.files = this.files.filter((file) => !isNamed(file));
  }

  #tell(images: readonly ToldImage[]): void {
    const isThere = ({ createdAtMs }: ToldImage): boolean => images.some((image) => image.createdAtMs === createdAtMs);
    this.gone = [...this.gone, ...[...this.images, ...this.#leaving.images].filter((image) => !isThere(image))];
    this.goneFiles = [...this.goneFiles, ...this.#leaving.files];
    this.images = images;
    this.#leaving = { images: [], files: [] };
  }
}
