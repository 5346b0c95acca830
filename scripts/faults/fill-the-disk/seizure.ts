import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseUnfinished } from "../../../core/unfinished.ts";
import type { Engine } from "../../../functions/engine.ts";
import type { Filler } from "./filler.ts";

export interface SeizureOptions {
  readonly filler: Filler;
  /** Of the store. */
  readonly root: string;
  readonly fillAt: string | null;
  readonly isRelentless: boolean;
}

/** A disk that is full from a fault point on, until an attempt has failed and has recorded why. */
export class Seizure {
  readonly points: string[] = [];
  readonly findings: string[] = [];
  readonly #options: SeizureOptions;
  #isReached = false;
  #isOver = false;
  #isSeen = false;

  constructor(options: SeizureOptions) {
    this.#options = options;
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  /** Whether an attempt has failed meanwhile. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  reach(point: string): void {
    this.points.push(point);
    const { filler, fillAt, isRelentless } = this.#options;
    const begins = point === fillAt && !this.#isReached;
    if (begins) this.#isReached = true;
    if (this.#isOver || !this.#isReached) return;
    if (begins || isRelentless) filler.fill();
  }

  /** An engine whose first recorded failure ends it. */
  watch({ images, ...engine }: Engine): Engine {
    const release: typeof images.release = async (claim, plan) => {
      const verdict = await images.release(claim, plan);
      if (plan.error !== undefined) await this.#see(engine.work);
      return verdict;
    };
    return { ...engine, images: { ...images, release } };
  }

  /** Gives the room back, if that was not done before. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.filler.giveBack();
  }

  /** Looks at what a failed attempt has left while the disk is still full. */
  async #see(work: Engine["work"]): Promise<void> {
    if (!this.#isReached || this.#isOver) return;
    this.#isSeen = true;
    const { layers } = await work.inventory();
    const staged = new Set(layers.map((layer) => layer.staged?.name));
    const left = readdirSync(join(this.#options.root, "tmp")).filter((name) => !staged.has(name));
    // a tombstone goes by itself, and a replaced tree may still be shown by a mount
    const unfinished = left.filter((name) => !["tombstone", "replaced"].includes(parseUnfinished(name).kind));
    this.findings.push(...unfinished.map((name) => `tmp/${name} was left while the disk was full`));
    this.end();
  }
}
