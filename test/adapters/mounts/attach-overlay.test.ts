import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeDescriptor, openDirectory } from "../../../adapters/linux/directory.ts";
import { unmountAt } from "../../../adapters/linux/mount-api.ts";
import { mountOn } from "../../../adapters/linux/mount-table.ts";
import type { FilePlace } from "../../../adapters/linux/statx.ts";
import { attachOverlay, MOUNT_WAYS } from "../../../adapters/mounts/attach-overlay.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";

// `,` and `:` separate options and layers where paths are given as texts
const AWKWARD = `a,b:c\\d e${"x".repeat(200)}`;

describe.skipIf(process.getuid?.() !== 0)("attachOverlay (needs root)", () => {
  let store: TemporaryStore;
  let merged: string;
  beforeEach(() => {
    store = makeTemporaryStore();
    merged = store.path("active", "k");
    for (const part of ["low", "upper", "work"]) mkdirSync(inside(part), { recursive: true });
    writeFileSync(inside("low/file"), "low");
    mkdirSync(merged);
  });
  afterEach(() => store.remove());

  const inside = (part: string): string => store.path("tmp", AWKWARD, part);
  const attach = (ways: typeof MOUNT_WAYS, layerCount = 1, beforehand: () => void = () => undefined): FilePlace => {
    const lowers = Array.from({ length: layerCount }, (_, n) => (n === 0 ? inside("low") : inside(`low${n}`)));
    for (const lower of lowers) mkdirSync(lower, { recursive: true });
    const fd = openDirectory(merged, "place");
    beforehand();
    try {
      return attachOverlay(
        { source: "imgstore:k", lowers, upper: inside("upper"), work: inside("work"), options: ["nodev"] },
        { fd, path: merged },
        ways,
      );
    } finally {
      closeDescriptor(fd);
    }
  };

  it.each(MOUNT_WAYS.map((way) => [way.name, way] as const))("mounts %s, and says what", async (_, way) => {
    const place = attach([way], 5);
    const seen = await mountOn(merged);
    expect(seen).toEqual({
      mountId: place.mountId,
      deviceId: place.deviceId,
      fsType: "overlay",
      source: "imgstore:k",
    });
    expect(readFileSync(`${merged}/file`, "utf8")).toBe("low");
    writeFileSync(`${merged}/file`, "changed");
    unmountAt(merged, false);
    expect(readFileSync(inside("upper/file"), "utf8")).toBe("changed");
  });

  it.each(MOUNT_WAYS.map((way) => [way.name, way] as const))(
    "%s fails with ENOENT on a directory that was removed, though another took its path",
    async (_, way) => {
      const replace = (): void => {
        rmdirSync(merged);
        mkdirSync(merged);
      };
      expect(() => attach([way], 1, replace)).toThrow(expect.objectContaining({ code: "ENOENT" }));
      expect(await mountOn(merged)).toBeNull();
    },
  );

  it("goes on to the next way where one is not there", () => {
    expect(attach([() => null, ...MOUNT_WAYS]).isMountRoot).toBe(true);
  });

  it("mounts 500 layers, and says MOUNT_FAILED of 501", () => {
    expect(attach(MOUNT_WAYS, 500).isMountRoot).toBe(true);
    expect(() => attach(MOUNT_WAYS, 501)).toThrow(expect.objectContaining({ code: "MOUNT_FAILED" }));
  });
});
