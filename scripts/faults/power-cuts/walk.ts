import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { moduleFile } from "../../../adapters/package-files.ts";
import { hexOf } from "../../../core/digests.ts";
import type { ImageJson, ImageListJson } from "../../../functions/http/wire.ts";
import { commandFile } from "../../command-file.ts";
import type { Order } from "../crash/crash-worker.ts";
import { encodeMark, type Mark, type Taking, type ToldImage, type UserFile } from "./promises.ts";

export interface Walked {
  readonly environment: Readonly<Record<string, string>>;
  readonly root: string;
  readonly mark: (text: string) => void;
}

/** What a person asks of a store by the command, with each answer marked: what was promised, and when. */
export class Walk {
  readonly #walked: Walked;

  constructor(walked: Walked) {
    this.#walked = walked;
  }

  /**
   * Runs commands beside each other, and marks what the images are when all have been answered.
   * @param takes what they take away
   * @throws where one ends with another exit status than 0, or 1: that the image is FAILED
   */
  async ask(commands: readonly string[], takes: Taking | null = null): Promise<void> {
    this.#mark({ kind: "asks", takes });
    await Promise.all(commands.map((command) => this.#run(command.split(" "))));
    this.#mark({ kind: "told", images: await this.#list() });
  }

  /** Sweeps until a sweep has nothing to do, with an answer after each. */
  async sweep(): Promise<void> {
    for (let before = ""; ; ) {
      await this.ask(["sweep"]);
      const now = JSON.stringify(await this.#list());
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

  async #list(): Promise<ToldImage[]> {
    const images = await this.#images();
    return images.map(({ name, createdAtMs, state, version }) => ({ name, createdAtMs, state, version }));
  }

  async #images(): Promise<readonly ImageJson[]> {
    const { images }: ImageListJson = JSON.parse(await this.#run(["list", "--json"]));
    return images;
  }

  async #run(args: readonly string[]): Promise<string> {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, ...this.#walked.environment };
    const command = spawn(process.execPath, [commandFile, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    const [[status], out, said] = await Promise.all([
      once(command, "close"),
      text(command.stdout),
      text(command.stderr),
    ]);
    if (status !== 0 && status !== 1) throw new Error(`imgstore ${args.join(" ")} ended with ${status}: ${said}`);
    return out;
  }

  #mark(mark: Mark): void {
    this.#walked.mark(encodeMark(mark));
  }
}
