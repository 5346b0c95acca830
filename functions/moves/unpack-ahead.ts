import type { Digest } from "../../core/digests.ts";
import type { RecordedError } from "../../core/errors.ts";
import type { PartialBlob } from "../../core/ports/blobs.ts";
import type { ArrivingTree, Unpacked, UnpackedTree } from "../../core/ports/layer-trees.ts";
import { type ActContext, attemptName } from "./act-context.ts";
import { SkippedDevices } from "./skipped-devices.ts";

/** The unpacking of a blob while it is still fetched. Once it has begun, the download does not fail of it. */
export interface UnpackingAhead {
  readonly unpacked: Unpacked;
  /** So many bytes of the partial can be read by now, of so many that there will be. */
  arrived(readableBytes: number, totalBytes: number | null): void;
  /** All bytes can be read now: goes on to the end. */
  finish(sizeBytes: number): void;
  /** The bytes had the right digest: records the tree where it is one, once it is whole; what is to be said of it. */
  stage(digest: Digest): Promise<RecordedError | null>;
  /** Leaves nothing of what was not staged. */
  drop(): Promise<void>;
}

/**
 * Begins to unpack a partial, so that UNPACKING finds its tree complete; does nothing where that would be in vain, or
 * would begin again with every request.
 * @param expected null where the digest is not known yet
 */
export async function unpackAhead(
  context: ActContext,
  partial: PartialBlob,
  expected: Digest | null,
): Promise<UnpackingAhead> {
  const { disk, work, claim, settings, signal } = context;
  if (!context.outlivesRequests) return NOTHING;
  const known = expected === null ? null : await work.readLayer(expected, disk.layers.form);
  if (known !== null && known.state !== "absent" && known.state !== "damaged") return NOTHING;
  const tree = await disk.layers.unpackArriving({
    location: partial.location,
    name: `${attemptName(claim)}.0`,
    limits: settings.limits,
    signal,
  });
  return new Arriving(context, tree);
}

const NOTHING: UnpackingAhead = {
  unpacked: { storedBytes: 0, plainBytes: 0 },
  arrived: () => {},
  finish: () => {},
  stage: async () => null,
  drop: async () => {},
};

class Arriving implements UnpackingAhead {
  readonly #context: ActContext;
  readonly #tree: ArrivingTree;
  #whole: Promise<UnpackedTree | null> | null = null;
  #isStaged = false;

  constructor(context: ActContext, tree: ArrivingTree) {
    this.#context = context;
    this.#tree = tree;
  }

  get unpacked(): Unpacked {
    return this.#tree.unpacked;
  }

  arrived(readableBytes: number, totalBytes: number | null): void {
    this.#tree.arrived(readableBytes, totalBytes);
  }

  finish(sizeBytes: number): void {
    // What it fails of, UNPACKING will fail of, and say so: here the bytes may still be the wrong ones.
    const isAlive = (): void => this.#context.report({ doneBytes: sizeBytes, totalBytes: sizeBytes });
    this.#whole = this.#tree.finish(sizeBytes, isAlive).catch(() => null);
  }

  async stage(digest: Digest): Promise<RecordedError | null> {
    const { disk, work, claim } = this.#context;
    const tree = await this.#whole;
    if (tree === null) return null;
    this.#isStaged = await work.stageAhead(claim, digest, disk.layers.form, tree);
    const skipped = new SkippedDevices();
    if (this.#isStaged) skipped.add(tree);
    return skipped.remark();
  }

  async drop(): Promise<void> {
    if (!this.#isStaged) await this.#tree.drop();
  }
}
