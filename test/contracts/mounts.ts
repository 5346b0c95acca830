import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { MountIdentity } from "../../core/ports/image-rows.ts";
import type { Mounts } from "../../core/ports/mounts.ts";
import { otherNamespaceOf, withChild } from "../support/child.ts";
import { makeLayer } from "../support/layers.ts";
import { KEY, MountsFixture } from "../support/mounts-fixture.ts";
import { makeTemporaryStore } from "../support/temporary-store.ts";
import { describeStaleHolder } from "./mounts-stale-holder.ts";

/** A snapshot driver, and how its layers say that something of a lower layer is gone. */
export interface MountsUnderTest {
  readonly create: (root: string) => Mounts;
  /** Makes a mark, in the layer's own form, that `path` is gone. */
  readonly makeWhiteout: (path: string) => void;
  /** Marks a directory of a layer as hiding what lies below it. */
  readonly makeOpaque: (directory: string) => void;
}

/** What every snapshot driver keeps to. */
export function describeMounts(title: string, driver: MountsUnderTest): void {
  describe(title, () => {
    const here = new MountsFixture(driver.create);
    describe("mount", () => {
      describeMounting(here, driver);
      describeFencing(here);
    });
    describe("unmount", () => {
      it("is done when nothing is mounted", async () => {
        expect(await here.unmount()).toEqual({ detachedFrom: [] });
      });

      it("says IN_USE with the process that works inside, and works when that has ended", async () => {
        await here.mount();
        await withChild("sleep", ["300"], here.merged("etc"), async (pid) => {
          await expect(here.unmount()).rejects.toMatchObject({
            code: "IN_USE",
            message: expect.stringContaining(`${pid} (sleep: working directory)`),
          });
          expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("base");
        });
        await here.unmount();
      });

      it("says IN_USE with the process that has a file open", async () => {
        await here.mount();
        await withChild("tail", ["-f", here.merged("etc/name")], "/", async (pid) => {
          await expect(here.unmount()).rejects.toMatchObject({
            code: "IN_USE",
            message: expect.stringContaining(`${pid} (tail: open file)`),
          });
        });
      });

      it("detaches a busy mount when forced, and says from whom", async () => {
        await here.mount();
        await withChild("sleep", ["300"], here.merged("etc"), async (pid) => {
          const { detachedFrom } = await here.unmount(true);
          expect(detachedFrom).toEqual([`${pid} (sleep: working directory)`]);
          expect(existsSync(here.merged())).toBe(false);
          expect(await here.mounts.observe()).toEqual(new Map());
        });
      });

      it("says OTHER_NAMESPACE of a mount that a living mount namespace made", async () => {
        await withChild("unshare", ["--mount", "sleep", "300"], "/", async (pid) => {
          const mountNs = await otherNamespaceOf(pid);
          const known = { ...here.mounts.here(), mountNs, mountId: "1", deviceId: "1" };
          await expect(here.mounts.unmount(KEY, { isForced: false, known })).rejects.toMatchObject({
            code: "OTHER_NAMESPACE",
          });
          const ofAnotherBoot = { ...known, bootId: "another" };
          expect(await here.mounts.unmount(KEY, { isForced: false, known: ofAnotherBoot })).toEqual({
            detachedFrom: [],
          });
        });
      });
    });

    describeStaleHolder(here);

    describe("observe", () => {
      it("finds the mounts of this store, as rows know them, and no other store's", async () => {
        const known = await here.mount();
        const other = makeTemporaryStore();
        try {
          expect(await here.mounts.observe()).toEqual(
            new Map([[KEY, { mountId: known.mountId, deviceId: known.deviceId }]]),
          );
          expect(known).toMatchObject(here.mounts.here());
          expect(known.deviceId).toBe(statSync(here.merged(), { bigint: true }).dev.toString());
          expect(await driver.create(other.root).observe()).toEqual(new Map());
        } finally {
          await other.remove();
        }
      });
    });

    describe("dropUpper", () => {
      it("makes the next mount begin with an empty upper", async () => {
        await here.mount();
        writeFileSync(here.merged("etc/name"), "changed");
        await here.unmount();
        await here.mounts.dropUpper(KEY);
        expect(await here.mounts.listUppers()).toEqual([]);
        expect(readdirSync(here.store.path("tmp")).map((name) => name.split(".")[0])).toEqual(["upper"]);
        await here.mount();
        expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("base");
        expect(await here.mounts.listUppers()).toEqual([KEY]);
      });

      it("says IN_USE, and takes nothing away, while it is mounted", async () => {
        await here.mount();
        writeFileSync(here.merged("kept"), "");
        await expect(here.mounts.dropUpper(KEY)).rejects.toMatchObject({ code: "IN_USE" });
        expect(readdirSync(here.merged())).toContain("kept");
        expect(await here.mounts.listUppers()).toEqual([KEY]);
      });

      it("is done when there is none", async () => {
        await here.mounts.dropUpper(KEY);
        expect(await here.mounts.listUppers()).toEqual([]);
      });
    });

    it("probe says yes, and leaves nothing", async () => {
      expect(await here.mounts.probe()).toMatchObject({ ok: true, hint: null });
      expect(readdirSync(here.store.path("tmp"))).toEqual([]);
    });
  });
}

function describeMounting(here: MountsFixture, driver: MountsUnderTest): void {
  it("shows the layer and keeps what is written out of it", async () => {
    await here.mount();
    expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("base");
    writeFileSync(here.merged("etc/name"), "changed");
    writeFileSync(here.merged("etc/new"), "new");
    rmSync(here.merged("etc/gone"));
    expect(readdirSync(here.merged("etc")).toSorted()).toEqual(["name", "new"]);
    expect(readdirSync(baseOf(here, "etc")).toSorted()).toEqual(["gone", "name"]);
    expect(readFileSync(baseOf(here, "etc/name"), "utf8")).toBe("base");
  });

  it("renames a directory of a layer, or refuses with EXDEV as mv expects", async () => {
    await here.mount();
    try {
      renameSync(here.merged("usr"), here.merged("moved"));
    } catch (error) {
      expect(error).toMatchObject({ code: "EXDEV" });
    }
    expect(readdirSync(baseOf(here)).toSorted()).toEqual(["etc", "usr"]);
  });

  it("keeps the upper over an unmount", async () => {
    await here.mount();
    writeFileSync(here.merged("etc/name"), "changed");
    rmSync(here.merged("etc/gone"));
    await here.unmount();
    expect(existsSync(here.merged())).toBe(false);
    await here.mount();
    expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("changed");
    expect(existsSync(here.merged("etc/gone"))).toBe(false);
  });

  it("stacks the layers bottom first, with whiteouts and opaque directories", async () => {
    const middle = makeLayer(here.store.root, "middle", { "etc/name": "middle", "usr/c": "middle" });
    driver.makeWhiteout(join(middle.path, "etc/gone"));
    driver.makeOpaque(join(middle.path, "usr"));
    makeLayer(here.store.root, "top", { "etc/name": "top", "usr/d": "top" });
    here.layerNames = ["base", "middle", "top"];
    await here.mount();
    expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("top");
    expect(readdirSync(here.merged("etc"))).toEqual(["name"]);
    expect(readdirSync(here.merged("usr")).toSorted()).toEqual(["c", "d"]);
  });

  it("gives a new upper the owner, the mode and the time of the topmost layer's root", async () => {
    const { path } = makeLayer(here.store.root, "top", {});
    if (process.getuid?.() === 0) chownSync(path, 12, 34);
    chmodSync(path, 0o3751);
    here.layerNames = ["base", "top"];
    const before = lstatSync(path, { bigint: true });
    await here.mount();
    const root = lstatSync(here.merged(), { bigint: true });
    expect([root.uid, root.gid, root.mode, root.mtimeNs]).toEqual([
      before.uid,
      before.gid,
      before.mode,
      before.mtimeNs,
    ]);
  });

  it("mounts read-only when asked", async () => {
    await here.mount(["ro"]);
    expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("base");
    expect(() => writeFileSync(here.merged("etc/name"), "x")).toThrow(expect.objectContaining({ code: "EROFS" }));
  });

  it("is repeated with the same effect: the earlier mount of its own is replaced", async () => {
    const first = await here.mount();
    writeFileSync(here.merged("kept"), "");
    const second = await here.mount();
    expect(second.mountId).not.toBe(first.mountId);
    expect(readdirSync(here.merged())).toContain("kept");
    await here.unmount();
    expect(await here.mounts.observe()).toEqual(new Map());
  });

  it("says LAYER_LOST, and makes nothing, when a layer is not there", async () => {
    here.layerNames = ["base", "nowhere"];
    await expect(here.mount()).rejects.toMatchObject({ code: "LAYER_LOST" });
    expect(readdirSync(here.store.path("active"))).toEqual([]);
    expect(await here.mounts.listUppers()).toEqual([]);
  });

  it("says IO_ERROR, and leaves them, when there are files on the mount point", async () => {
    mkdirSync(here.merged(), { recursive: true });
    writeFileSync(here.merged("precious"), "");
    await expect(here.mount()).rejects.toMatchObject({ code: "IO_ERROR" });
    expect(readdirSync(here.merged())).toEqual(["precious"]);
  });
}

/** A stale attempt must not mount, whenever it wakes up. */
function describeFencing(here: MountsFixture): void {
  it("is CANCELLED without a trace when the claim is no longer ours", async () => {
    await expect(here.mount([], async () => false)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(readdirSync(here.store.path("active"))).toEqual([]);
    expect(await here.mounts.listUppers()).toEqual([]);
    expect(readdirSync(here.store.path("tmp"))).toEqual([]);
  });

  it("of a stale attempt fails when a later one came between its question and its mount", async () => {
    const later: MountIdentity[] = [];
    const stale = here.mount([], async () => {
      if (later.length > 0) return false;
      later.push(await here.mount());
      writeFileSync(here.merged("of-the-later"), "");
      return true;
    });
    await expect(stale).rejects.toMatchObject({ code: "CANCELLED" });
    expect((await here.mounts.observe()).get(KEY)?.mountId).toBe(later[0]?.mountId);
    expect(readdirSync(here.merged())).toContain("of-the-later");
    expect(readdirSync(here.store.path("tmp"))).toEqual([]);
  });

  it("of a stale attempt leaves no upper behind when the image was removed meanwhile", async () => {
    let asked = 0;
    const stale = here.mount([], async () => {
      if (asked++ > 0) return false;
      await here.unmount();
      await here.mounts.dropUpper(KEY);
      return true;
    });
    await expect(stale).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await here.mounts.listUppers()).toEqual([]);
    expect(readdirSync(here.store.path("active"))).toEqual([]);
    expect(readdirSync(here.store.path("tmp"))).toEqual([]);
  });
}

/** A path in the layer `base` itself. */
function baseOf(here: MountsFixture, ...parts: string[]): string {
  return join(makeLayer(here.store.root, "base", {}).path, ...parts);
}
