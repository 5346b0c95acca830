import type { RecordedError } from "../../core/errors.ts";
import type { UnpackedTree } from "../../core/ports/layer-trees.ts";

/** The devices that the unpacking of an image's layers left out, for its history. */
export class SkippedDevices {
  #count = 0;
  readonly #names: string[] = [];

  add({ skippedDevices, firstSkipped }: UnpackedTree): void {
    this.#count += skippedDevices;
    this.#names.push(...firstSkipped);
  }

  /** Null where nothing was left out. */
  remark(): RecordedError | null {
    if (this.#count === 0) return null;
    const named = this.#names.map((name) => `"${name}"`).join(", ");
    const more = this.#count > this.#names.length ? " and others" : "";
    return {
      code: "DEVICES_SKIPPED",
      message: `${this.#count} devices are not in the tree, as this process may not make them: ${named}${more}`,
      hint: "run with CAP_MKNOD if the image needs them",
    };
  }
}
