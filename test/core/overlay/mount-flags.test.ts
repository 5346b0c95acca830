import { expect, it } from "vitest";
import { MOUNT_OPTIONS } from "../../../core/mount-options.ts";
import { mountFlags } from "../../../core/overlay/mount-flags.ts";

it("mountFlags gives the kernel's bits: MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC", () => {
  expect(mountFlags([])).toBe(0);
  expect(mountFlags(["ro"])).toBe(1);
  expect(mountFlags(["nodev", "nosuid"])).toBe(6);
  expect(mountFlags(MOUNT_OPTIONS)).toBe(15);
});
