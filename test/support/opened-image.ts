import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createImageArchives } from "../../adapters/sources/image-archive/image-archives.ts";
import { ImgstoreError } from "../../core/errors.ts";
import type { ImageArchiveFormat } from "../../core/image-archive/archive-source.ts";
import type { Platform } from "../../core/image-archive/platform.ts";
import type { ImageArchiveRequest, OpenedImage } from "../../core/ports/image-archives.ts";
import { AMD64 } from "./image-archive.ts";

export interface OpenOptions extends Partial<ImageArchiveRequest> {
  readonly tag?: string;
  readonly platform?: Platform;
}

/** Archives in a directory of their own, beside a store that takes what is decompressed. */
export class ArchiveDirectory {
  readonly path: string = mkdtempSync(join(tmpdir(), "imgstore-archives-"));
  readonly root: string = join(this.path, "store");
  readonly file: string = join(this.path, "images.tar");

  constructor() {
    mkdirSync(join(this.root, "tmp"), { recursive: true });
  }

  open(format: ImageArchiveFormat, bytes: Uint8Array, options: OpenOptions = {}): Promise<OpenedImage> {
    writeFileSync(this.file, bytes);
    const { tag = null, platform = AMD64, ...request } = options;
    const { signal } = new AbortController();
    return createImageArchives({ root: this.root }, platform).open(
      { kind: "image-archive", format, path: this.file, tag },
      { expected: null, attempt: "1.1", maxBytes: 2 ** 30, signal, onBytes: () => {}, ...request },
    );
  }

  /** The layers' bytes of the image in an archive, bottom first. */
  async layers(format: ImageArchiveFormat, bytes: Uint8Array, options: OpenOptions = {}): Promise<Buffer[]> {
    const image = await this.open(format, bytes, options);
    try {
      const layers: Buffer[] = [];
      for (const { digest } of image.layers) layers.push(await bytesOf(image.bytesOf(digest, 0)));
      return layers;
    } finally {
      await image.close();
    }
  }

  /** The error that an archive is refused with; nothing of it is left in the store. */
  async refusal(format: ImageArchiveFormat, bytes: Uint8Array, options: OpenOptions = {}): Promise<ImgstoreError> {
    const error = await this.open(format, bytes, options).then(
      async (image) => image.close(),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ImgstoreError)) throw new Error("the archive was not refused", { cause: error });
    const left = readdirSync(join(this.root, "tmp"));
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
    return error;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
