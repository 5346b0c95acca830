import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { unmountAt } from "../../../adapters/linux/mount-api.ts";
import { moduleFile } from "../../../adapters/package-files.ts";
import { hexOf } from "../../../core/digests.ts";
import type { HistoryEntryJson, ImageJson, ImageListJson } from "../../../functions/http/wire.ts";
import { commandFile } from "../../command-file.ts";
import type { Order } from "../crash/crash-worker.ts";
import { encodeMark, type Mark, type Taking, type ToldImage, type UserFile } from "./promises.ts";

export interface Walked {
  readonly environment: Readonly<Record<string, string>>;
  readonly root: string;
  readonly mark: (text: string) => void;
  /** Copies the database where it lies on another disk and nobody has it open; the copy's path, else null. */
  readonly keepDatabase: () => string | null;
}

export interface Asking {
  readonly takes?: Taking | null;
  /** The exit status that is expected; default 0. */
  readonly status?: number;
}

/** The exit status of what failed for good, and of what is in use. */
export const FAILED = 1;
const IN_USE = 4;

/** What a person asks of a store by the command, with each answer marked: what was promised, and when. */
export class Walk {
  readonly #walked: Walked;

  constructor(walked: Walked) {
    this.#walked = walked;
  }

  /**
   * Runs commands beside each other, and marks what the images are when all have been answered.
   * @param takes what they take away
   * @returns what was told
   * @throws where one ends with an exit status that was not expected
   */
  async ask(commands: readonly string[], { takes = null, status = 0 }: Asking = {}): Promise<readonly ToldImage[]> {
    this.#mark({ kind: "asks", takes });
    await Promise.all(commands.map((command) => this.#run(command.split(" "), status)));
    const images = await this.#list();
    this.#mark({ kind: "told", images, database: this.#walked.keepDatabase() });
    return images;
  }

  /** Does something while a worker runs, which also keeps the database open from one command to the next. */
  async besideWorker(act: () => Promise<unknown>): Promise<void> {
    const worker = this.#start(["worker"]);
    const ended = once(worker, "exit");
    for (const said of [worker.stdout, worker.stderr]) said.resume();
    try {
      await act();
    } finally {
      worker.kill("SIGTERM");
      await ended;
    }
  }

  /** Sweeps until a sweep has nothing to do, with an answer after each. */
  async sweep(): Promise<void> {
    for (let before = ""; ; ) {
      const now = JSON.stringify(await this.ask(["sweep"]));
      if (now === before) return;
      before = now;
    }
  }

  /** Writes a file into a mounted image, and syncs it and its name. */
  write({ name, path, text: content }: UserFile): void {
    const directory = join(this.#walked.root, "active", name);
    const fd = openSync(join(directory, path), "w");
    writeFileSync(fd, content);
    fsyncSync(fd);
    closeSync(fd);
    const parent = openSync(directory, "r");
    fsyncSync(parent);
    closeSync(parent);
    this.#mark({ kind: "synced", file: { name, path, text: content } });
  }

  /** Has it found out that the layer of a stored image is damaged, and damages its tree: in this order, no row lies. */
  async damage(name: string): Promise<void> {
    const diffId = (await this.#images()).find((image) => image.name === name)?.layers[0]?.diffId;
    if (!diffId) throw new Error(`"${name}" has no layer that could be damaged`);
    const order: Order = { environment: this.#walked.environment, steps: [{ do: "damage", name }] };
    const worker = spawn(process.execPath, [moduleFile("scripts/faults/crash/crash-worker"), JSON.stringify(order)]);
    await once(worker, "exit");
    writeFileSync(join(this.#walked.root, "images", hexOf(diffId), "etc", "content"), "not of this tree");
  }

  /** Asks for an image to be unmounted that somebody works in, and for whom nobody waits. */
  async deactivateBusy(name: string): Promise<void> {
    const held = openSync(join(this.#walked.root, "active", name), "r");
    await this.ask([`deactivate ${name} --max-attempts 1`], { status: IN_USE });
    closeSync(held);
  }

  /** Loses a mount, as somebody does who unmounts it behind the store's back. */
  unmount(name: string): void {
    unmountAt(join(this.#walked.root, "active", name), false);
  }

  /** The moves that were made of images with these names. */
  async movesOf(names: readonly string[]): Promise<ReadonlySet<string>> {
    const moves = new Set<string>();
    for (const name of names) {
      const history: readonly HistoryEntryJson[] = JSON.parse(await this.#run(["history", name, "--json"]));
      for (const { move, fromState, toState } of history) if (fromState !== toState) moves.add(move);
    }
    return moves;
  }

  async #list(): Promise<ToldImage[]> {
    const images = await this.#images();
    return images.map(({ name, createdAtMs, state, version }) => ({ name, createdAtMs, state, version }));
  }

  async #images(): Promise<readonly ImageJson[]> {
    const { images }: ImageListJson = JSON.parse(await this.#run(["list", "--json"]));
    return images;
  }

  async #run(args: readonly string[], expected = 0): Promise<string> {
    const command = this.#start(args);
    const [[status], out, said] = await Promise.all([
      once(command, "close"),
      text(command.stdout),
      text(command.stderr),
    ]);
    if (status !== expected) throw new Error(`imgstore ${args.join(" ")} ended with ${status}: ${said}`);
    return out;
  }

  #start(args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, ...this.#walked.environment };
    return spawn(process.execPath, [commandFile, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  }

  #mark(mark: Mark): void {
    this.#walked.mark(encodeMark(mark));
  }
}
