import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mountAt, unmountAt } from "../../../adapters/linux/mount-api.ts";
import { readMountTable } from "../../../adapters/linux/mount-table.ts";
import { createOverlayMounts } from "../../../adapters/mounts/overlayfs.ts";
import { moduleFile } from "../../../adapters/package-files.ts";
import { MOUNT_OPTIONS } from "../../../core/mount-options.ts";
import { describeMounts } from "../../contracts/mounts.ts";
import { otherNamespaceOf, withChild } from "../../support/child.ts";
import { readFileXattr, setFileXattr } from "../../support/file-xattr.ts";
import { diffIdOf, makeLayer } from "../../support/layers.ts";
import { KEY, MountsFixture } from "../../support/mounts-fixture.ts";
import { makeTemporaryStore } from "../../support/temporary-store.ts";

const MS_BIND = 4096;
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("overlayfs (needs root)", () =>
  describeMounts("createOverlayMounts", {
    create: (root) => createOverlayMounts({ root }),
    makeWhiteout: (path) => {
      execFileSync("mknod", [path, "c", "0", "0"]);
    },
    makeOpaque: (directory) => setFileXattr(directory, "trusted.overlay.opaque", "y"),
  }),
);

describe.skipIf(!isRoot)("createOverlayMounts (needs root): what the kernel does", () => {
  const here = new MountsFixture((root) => createOverlayMounts({ root }));

  it("mount obeys nodev, nosuid, noexec and ro, and sets none that was not asked for", async () => {
    const { path } = makeLayer(here.store.root, "tools", { script: "#!/bin/sh\n" });
    chmodSync(join(path, "script"), 0o755);
    execFileSync("mknod", ["-m", "666", join(path, "null"), "c", "1", "3"]);
    here.layerNames = ["tools"];
    await here.mount(MOUNT_OPTIONS);
    expect(optionsOf(here.merged())).toEqual(expect.arrayContaining(["ro", "nosuid", "nodev", "noexec"]));
    expect(() => execFileSync(here.merged("script"))).toThrow(expect.objectContaining({ code: "EACCES" }));
    expect(() => readFileSync(here.merged("null"))).toThrow(expect.objectContaining({ code: "EACCES" }));
    await here.mount([]);
    const set = optionsOf(here.merged()).filter((option) => ["ro", "nosuid", "nodev", "noexec"].includes(option));
    expect(set).toEqual([]);
    execFileSync(here.merged("script"));
    expect(readFileSync(here.merged("null"), "utf8")).toBe("");
  });

  it("mount sets what keeps the upper and the layers apart", async () => {
    await here.mount();
    const entry = (await readMountTable()).find(({ mountPoint }) => mountPoint === here.merged());
    expect(entry?.source).toBe("imgstore:web");
    expect(entry?.superOptions).toEqual(expect.arrayContaining(["index=on", "redirect_dir=nofollow"]));
    expect(entry?.superOptions).not.toContain("metacopy=on");
  });

  it("mount shows the root's extended attributes, escaped overlay marks included, and not overlay's own", async () => {
    const { path } = makeLayer(here.store.root, "marked", {});
    setFileXattr(path, "user.author", "me\u0000you");
    setFileXattr(path, "trusted.overlay.overlay.opaque", "escaped");
    setFileXattr(path, "trusted.overlay.redirect", "/elsewhere");
    here.layerNames = ["base", "marked"];
    await here.mount([]);
    expect(readFileXattr(here.merged(), "user.author")).toBe("me\u0000you");
    expect(readFileXattr(here.merged(), "trusted.overlay.opaque")).toBe("escaped");
    expect(readFileXattr(here.store.path("overlays", KEY, "upper"), "trusted.overlay.redirect")).toBeNull();
    expect(readdirSync(here.merged())).toEqual(["etc", "usr"]);
  });

  it("a planted trusted.overlay.redirect or metacopy shows nothing of other layers", async () => {
    makeLayer(here.store.root, "victim", { "private/secret": "secret", "etc/shadow": "secret" });
    const { path } = makeLayer(here.store.root, "attacker", { "public/x": "", "etc/motd": "" });
    setFileXattr(join(path, "public"), "trusted.overlay.redirect", "/private");
    setFileXattr(join(path, "etc/motd"), "trusted.overlay.metacopy", "");
    setFileXattr(join(path, "etc/motd"), "trusted.overlay.redirect", "/etc/shadow");
    here.layerNames = ["victim", "attacker"];
    await here.mount([]);
    expect(() => readdirSync(here.merged("public"))).toThrow(expect.objectContaining({ code: "EPERM" }));
    expect(() => readFileSync(here.merged("etc/motd"))).toThrow(expect.objectContaining({ code: "EPERM" }));
    expect(readFileSync(here.merged("etc/shadow"), "utf8")).toBe("secret");
  });

  it("mount and unmount leave a foreign mount on the mount point alone, and say what it is", async () => {
    mkdirSync(here.merged());
    mountAt("somebodys", here.merged(), "tmpfs", 0, "");
    writeFileSync(here.merged("theirs"), "");
    const foreign = { code: "IN_USE", message: expect.stringContaining('"somebodys" (tmpfs)') };
    await expect(here.mount()).rejects.toMatchObject(foreign);
    await expect(here.unmount()).rejects.toMatchObject(foreign);
    await expect(here.mounts.dropUpper(KEY)).rejects.toMatchObject({ code: "IN_USE" });
    expect(await here.mounts.observe()).toEqual(new Map());
    expect(readdirSync(here.merged())).toEqual(["theirs"]);
  });

  it("unmount takes away every mount of ours where several lie on each other", async () => {
    await here.mount();
    mountAt(here.merged(), here.merged(), "", MS_BIND, "");
    await here.unmount();
    expect(existsSync(here.merged())).toBe(false);
  });

  it("unmount says IN_USE with what is mounted inside", async () => {
    await here.mount();
    mkdirSync(here.merged("proc"));
    mountAt("proc", here.merged("proc"), "proc", 0, "");
    await expect(here.unmount()).rejects.toMatchObject({
      code: "IN_USE",
      message: expect.stringContaining(`the mount on "${here.merged("proc")}"`),
    });
    unmountAt(here.merged("proc"), false);
    await here.unmount();
  });

  it("unmount says IN_USE with a process in another mount namespace, which the kernel does not count", async () => {
    await here.mount();
    await withChild("unshare", ["--mount", "--propagation", "private", "sleep", "300"], here.merged(), async (pid) => {
      await otherNamespaceOf(pid);
      const holder = `${pid} (sleep: working directory)`;
      const held = { code: "IN_USE", message: expect.stringContaining(holder) };
      await expect(here.unmount()).rejects.toMatchObject(held);
      await expect(here.mount()).rejects.toMatchObject(held);
      expect(await here.unmount(true)).toEqual({ detachedFrom: [holder] });
      await expect(here.mounts.dropUpper(KEY)).rejects.toMatchObject({ code: "IN_USE" });
    });
    await here.mounts.dropUpper(KEY);
  });

  it("unmount takes away the mere copy of a mount in another mount namespace, too", async () => {
    await here.mount();
    await withChild("unshare", ["--mount", "--propagation", "private", "sleep", "300"], "/", async (pid) => {
      await otherNamespaceOf(pid);
      await here.unmount();
      expect(readFileSync(`/proc/${pid}/mountinfo`, "utf8")).not.toContain(here.store.root);
      await here.mount();
    });
  });

  it("mount and dropUpper say IN_USE with where else the mount was bound, also in another namespace", async () => {
    await here.mount();
    const elsewhere = here.store.path("tmp", "elsewhere");
    mkdirSync(elsewhere);
    mountAt(here.merged(), elsewhere, "", MS_BIND, "");
    await here.unmount();
    await expect(here.mount()).rejects.toMatchObject({
      code: "IN_USE",
      message: expect.stringContaining(`the mount on "${elsewhere}"`),
    });
    await withChild("unshare", ["--mount", "--propagation", "private", "sleep", "300"], "/", async (pid) => {
      await otherNamespaceOf(pid);
      unmountAt(elsewhere, false);
      const there = `${pid} (sleep: the mount on "${elsewhere}" in its mount namespace)`;
      await expect(here.mounts.dropUpper(KEY)).rejects.toMatchObject({
        code: "IN_USE",
        message: expect.stringContaining(there),
      });
      expect(existsSync(here.store.path("overlays", KEY, "upper"))).toBe(true);
    });
    await here.mounts.dropUpper(KEY);
    await here.mount();
  });

  it("mount and dropUpper say IN_USE while a process holds what was detached lazily", async () => {
    await here.mount();
    await withChild("sleep", ["300"], here.merged(), async () => {
      await here.unmount(true);
      await expect(here.mount()).rejects.toMatchObject({ code: "IN_USE" });
      await expect(here.mounts.dropUpper(KEY)).rejects.toMatchObject({ code: "IN_USE" });
      expect(readdirSync(here.store.path("active"))).toEqual([]);
    });
    await here.mount();
  });

  it("mount keeps the upper over layers that were unpacked again, hard links in it included", async () => {
    const { path } = makeLayer(here.store.root, "links", { one: "both" });
    linkSync(join(path, "one"), join(path, "two"));
    here.layerNames = ["base", "links"];
    await here.mount([]);
    writeFileSync(here.merged("one"), "changed");
    writeFileSync(here.merged("etc/name"), "changed");
    await here.unmount();
    cpSync(path, `${path}.copy`, { recursive: true });
    renameSync(path, here.store.path("tmp", "damaged"));
    renameSync(`${path}.copy`, path);
    here.layerNames = ["base", "links"];
    await here.mount([]);
    expect([readFileSync(here.merged("one"), "utf8"), readFileSync(here.merged("etc/name"), "utf8")]).toEqual([
      "changed",
      "changed",
    ]);
    await here.unmount();
    expect(readdirSync(here.store.path("tmp"))).toEqual(["damaged"]);
  });

  it("mount works in a store that was copied elsewhere", async () => {
    await here.mount();
    writeFileSync(here.merged("etc/name"), "changed");
    await here.unmount();
    const copy = makeTemporaryStore();
    try {
      rmSync(copy.root, { recursive: true });
      execFileSync("cp", ["-a", here.store.root, copy.root]);
      here.useRoot(copy.root);
      await here.mount();
      expect(readFileSync(here.merged("etc/name"), "utf8")).toBe("changed");
    } finally {
      await copy.remove();
    }
  });

  it("observe and unmount know the mount of a process that has ended", async () => {
    const script = `
      const { createOverlayMounts } = await import(process.argv[1]);
      const mounts = createOverlayMounts({ root: process.argv[2] });
      const request = { key: "${KEY}", layers: [process.argv[3]], options: [], isStillOurs: async () => true };
      console.log(JSON.stringify(await mounts.mount(request)));`;
    const args = [moduleFile("adapters/mounts/overlayfs"), here.store.root, diffIdOf("base")];
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script, ...args], {
      encoding: "utf8",
    });
    const { mountId, deviceId, ...madeIn } = JSON.parse(printed);
    expect(madeIn).toEqual(here.mounts.here());
    expect(await here.mounts.observe()).toEqual(new Map([[KEY, { mountId, deviceId }]]));
    await here.unmount();
    expect(await here.mounts.observe()).toEqual(new Map());
  });

  it("observe finds the mounts of a root that is given by a symbolic link", async () => {
    symlinkSync(here.store.root, here.store.path("tmp", "a b"));
    here.useRoot(here.store.path("tmp", "a b"));
    await here.mount();
    expect([...(await here.mounts.observe()).keys()]).toEqual([KEY]);
  });

  it("probe says that it needs root to another user", async () => {
    chownSync(here.store.path("tmp"), 65_534, 65_534);
    chmodSync(here.store.root, 0o755);
    process.seteuid?.(65_534);
    try {
      expect(await here.mounts.probe()).toMatchObject({ ok: false, reason: expect.stringContaining("needs root") });
    } finally {
      process.seteuid?.(0);
    }
    expect(readdirSync(here.store.path("tmp"))).toEqual([]);
  });

  it("probe says that an upper cannot lie on an overlay", async () => {
    await here.mount();
    const inside = createOverlayMounts({ root: here.merged() });
    expect(await inside.probe()).toMatchObject({ ok: false, reason: expect.stringContaining("lies on an overlay") });
    expect(readdirSync(here.merged("tmp"))).toEqual([]);
  });
});

/** The mount's own options, not the file system's. */
function optionsOf(mountPoint: string): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const fields = lines.map((line) => line.split(" ")).find((line) => line[4] === mountPoint);
  return fields?.[5]?.split(",") ?? [];
}
