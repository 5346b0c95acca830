import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MOUNT_OPTIONS, parseMountOptions } from "../../core/mount-options.ts";

test("parseMountOptions gives each named option once, in one order, whatever the order given", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...MOUNT_OPTIONS)), (options) => {
      const wanted = MOUNT_OPTIONS.filter((option) => options.includes(option));
      expect(parseMountOptions(options.join(","))).toEqual(wanted);
    }),
  );
});

test.each(["", ",", "dev", "suid,dev", "exec,rw"])("parseMountOptions takes %o as none", (list) => {
  expect(parseMountOptions(list)).toEqual([]);
});

test.each(["upperdir=/etc", "nodev,lowerdir=/", "NODEV", " nodev", "nodev;ro", "x-systemd.automount"])(
  "parseMountOptions refuses %o: nothing else of mount(8) is passed on",
  (list) => {
    expect(() => parseMountOptions(list)).toThrow(expect.objectContaining({ code: "INVALID_MOUNT_OPTIONS" }));
  },
);
