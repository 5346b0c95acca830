import { describe, expect, it } from "vitest";
import type { MountinfoEntry } from "../../../core/overlay/mountinfo.ts";
import { ownMounts } from "../../../core/overlay/own-mounts.ts";

function entry(mountPoint: string, source: string, mountId = "1"): MountinfoEntry {
  return { mountId, parentId: "0", deviceId: "9", mountPoint, fsType: "overlay", source, superOptions: [] };
}

describe("ownMounts", () => {
  it("finds each key's mount by its source and its place", () => {
    const web = entry("/srv/active/web", "imgstore:web");
    const api = entry("/srv/active/api.v1", "imgstore:api.v1");
    expect(ownMounts([web, api], "/srv/active")).toEqual(
      new Map([
        ["web", web],
        ["api.v1", api],
      ]),
    );
  });

  it("leaves out another store's mounts, other sources and what is mounted inside", () => {
    const entries = [
      entry("/other/active/web", "imgstore:web"),
      entry("/srv/active", "imgstore:"),
      entry("/srv/active/db", "/dev/sdb"),
      entry("/srv/active/x", "imgstore:y"),
      entry("/srv/active/web/proc", "proc"),
    ];
    expect(ownMounts(entries, "/srv/active")).toEqual(new Map());
  });

  it("takes the topmost of several on one mount point, and none that something else covers", () => {
    const [below, above] = [entry("/s/a", "imgstore:a", "1"), entry("/s/a", "imgstore:a", "2")];
    expect(ownMounts([below, above], "/s")).toEqual(new Map([["a", above]]));
    expect(ownMounts([below, entry("/s/a", "tmpfs")], "/s")).toEqual(new Map());
  });
});
