import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLayerTrees } from "../../adapters/layers/layer-trees.ts";
import { type Digest, hexOf } from "../../core/digests.ts";
import { type ErrorCode, ImgstoreError } from "../../core/errors.ts";
import { type ArchiveLimits, DEFAULT_LIMITS } from "../../core/limits.ts";
import type { Progress } from "../../core/ports/image-rows.ts";
import type { LayerTrees } from "../../core/ports/layer-trees.ts";
import type { StagedTree } from "../../core/ports/work-rows.ts";
import { describeTree } from "../../scripts/faults/audit/describe-tree.ts";

/** How a test unpacks where it does not do it as everybody does. */
export interface UnpackOptions {
  /** The tree's in the staging directory; one that nothing has yet where it is left out. */
  readonly name?: string;
  readonly limits?: Partial<ArchiveLimits>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** A store of its own beside a folder that no archive may reach; `remove` takes all of it away. */
export class Unpacking {
  readonly home: string = mkdtempSync(join(tmpdir(), "imgstore-unpack-"));
  readonly root: string = join(this.home, "store");
  readonly outside: string = join(this.home, "outside");
  readonly trees: LayerTrees = createLayerTrees({ root: this.root });
  #count = 0;

  constructor() {
    for (const name of ["blobs", "images", "tmp"]) mkdirSync(join(this.root, name), { recursive: true });
    mkdirSync(this.outside);
    writeFileSync(join(this.outside, "secret"), "secret", { mode: 0o600 });
  }

  store(archive: Uint8Array): Digest {
    const digest: Digest = `sha256:${createHash("sha256").update(archive).digest("hex")}`;
    writeFileSync(join(this.root, "blobs", hexOf(digest)), archive);
    return digest;
  }

  /** A name for a tree that nothing has in the staging directory. */
  nextName(): string {
    return `1.${++this.#count}.0`;
  }

  unpack(blob: Digest, options: UnpackOptions = {}): Promise<StagedTree> {
    return this.trees.unpack({
      blob,
      name: options.name ?? this.nextName(),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      signal: options.signal ?? new AbortController().signal,
      onProgress: options.onProgress ?? (() => {}),
    });
  }

  /** Unpacks an archive; the directory it became. */
  async tree(archive: Uint8Array, options: UnpackOptions = {}): Promise<string> {
    const { name } = await this.unpack(this.store(archive), options);
    return join(this.root, "tmp", name);
  }

  /** What the tree of an archive has under a path (one character a byte); undefined where there is nothing. */
  async found(archive: Uint8Array): Promise<Map<string, string>> {
    return describeTree(await this.tree(archive));
  }

  /**
   * The error an archive is refused with.
   * @throws when it is unpacked, when anything outside of the staging directory changed, or when something is left in it
   */
  async refusal(archive: Uint8Array, options: UnpackOptions = {}): Promise<ImgstoreError> {
    const blob = this.store(archive);
    const before = this.#everything();
    const stagedBefore = readdirSync(join(this.root, "tmp"));
    const error = await this.unpack(blob, options).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ImgstoreError)) throw new Error("the archive was not refused", { cause: error });
    const left = readdirSync(join(this.root, "tmp")).filter((name) => !stagedBefore.includes(name));
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
    if (this.#everything() !== before) throw new Error("something outside of the staging directory changed");
    return error;
  }

  async refusalCode(archive: Uint8Array, options: UnpackOptions = {}): Promise<ErrorCode> {
    return (await this.refusal(archive, options)).code;
  }

  /** What lies outside of the staging directory. */
  outsideNow(): string {
    return this.#everything();
  }

  remove(): void {
    execFileSync("rm", ["-rf", "--one-file-system", this.home]);
  }

  #everything(): string {
    const ours = [...describeTree(this.home)].filter(
      ([name]) => name !== "store/tmp" && !name.startsWith("store/tmp/"),
    );
    return JSON.stringify(ours);
  }
}
