import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { MountOption } from "../../core/mount-options.ts";
import type { MountIdentity } from "../../core/ports/image-rows.ts";
import type { Mounts, Unmounted } from "../../core/ports/mounts.ts";
import { diffIdOf, makeLayer } from "./layers.ts";
import { makeTemporaryStore, type TemporaryStore } from "./temporary-store.ts";

/** The one key that the tests of snapshot drivers mount. */
export const KEY = "web";

/** A driver on a store of its own in each test; nothing of it stays mounted, whatever the test does. */
export class MountsFixture {
  readonly #create: (root: string) => Mounts;
  #store: TemporaryStore | null = null;
  #mounts: Mounts | null = null;
  /** What `mount` mounts, bottom first: names for `makeLayer`. There is one called `base` with four files. */
  layerNames: readonly string[] = [];

  /** Called where the tests are described. */
  constructor(create: (root: string) => Mounts) {
    this.#create = create;
    beforeEach(() => {
      this.#store = makeTemporaryStore();
      this.useRoot(this.#store.root);
      makeLayer(this.store.root, "base", { "etc/name": "base", "etc/gone": "base", "usr/a": "base", "usr/b": "base" });
      this.layerNames = ["base"];
    });
    afterEach(() => this.store.remove());
  }

  get store(): TemporaryStore {
    if (this.#store === null) throw new Error("only inside a test");
    return this.#store;
  }

  get mounts(): Mounts {
    if (this.#mounts === null) throw new Error("only inside a test");
    return this.#mounts;
  }

  /** Goes on with a driver of another root. */
  useRoot(root: string): void {
    this.#mounts = this.#create(root);
  }

  mount(
    options: readonly MountOption[] = ["nodev", "nosuid"],
    isStillOurs: () => Promise<boolean> = async () => true,
  ): Promise<MountIdentity> {
    return this.mounts.mount({ key: KEY, layers: this.layerNames.map(diffIdOf), options, isStillOurs });
  }

  unmount(isForced = false): Promise<Unmounted> {
    return this.mounts.unmount(KEY, { isForced, known: null });
  }

  /** A path in the mounted tree. */
  merged(...parts: string[]): string {
    return join(this.mounts.mountPointOf(KEY), ...parts);
  }
}
