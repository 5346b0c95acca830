import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { deviceIdOf, parseMountinfo } from "../../../core/overlay/mountinfo.ts";

describe("parseMountinfo", () => {
  it("reads an entry with and without optional fields", () => {
    const text =
      "44 27 0:39 / /srv/active/web rw,nosuid shared:7 master:1 - overlay imgstore:web rw,upperdir=/srv/u,index=on\n" +
      "45 27 8:1 / / rw - ext4 /dev/sda1 rw\n";
    expect(parseMountinfo(text)).toEqual([
      {
        mountId: "44",
        parentId: "27",
        deviceId: "39",
        mountPoint: "/srv/active/web",
        fsType: "overlay",
        source: "imgstore:web",
        superOptions: ["rw", "upperdir=/srv/u", "index=on"],
      },
      {
        mountId: "45",
        parentId: "27",
        deviceId: "2049",
        mountPoint: "/",
        fsType: "ext4",
        source: "/dev/sda1",
        superOptions: ["rw"],
      },
    ]);
  });

  it("undoes the kernel's octal escapes, in a path, a source and an option", () => {
    const [entry] = parseMountinfo("1 2 0:3 / /a\\040b\\011c\\012d\\134e\\043f rw - x s\\040t rw,upperdir=/a\\054b");
    expect(entry).toMatchObject({
      mountPoint: "/a b\tc\nd\\e#f",
      source: "s t",
      superOptions: ["rw", "upperdir=/a,b"],
    });
  });

  it("gives back any mount point that was written as the kernel writes it", () => {
    assert(
      property(
        string({ unit: constantFrom("a", "é", "/", " ", "\t", "\n", "\\", "#", "0", "1", "4", "7", "-", ":") }),
        (name) => {
          const [entry] = parseMountinfo(`1 2 0:3 / /${written(name)} rw - tmpfs t rw`);
          expect(entry?.mountPoint).toBe(`/${name}`);
        },
      ),
    );
  });

  it("keeps an empty source, and a mount point called as the separator", () => {
    expect(parseMountinfo("1 2 0:3 / - rw - tmpfs  rw")).toMatchObject([{ mountPoint: "-", source: "" }]);
  });

  it("leaves out lines that it does not understand", () => {
    expect(parseMountinfo("\nnonsense\n1 2 0:3 / /a rw\n1 2 x:y / /a rw - tmpfs t rw\n")).toEqual([]);
  });
});

describe("deviceIdOf", () => {
  it("puts the bits where stat(2) has them", () => {
    expect(deviceIdOf(0, 39)).toBe("39");
    expect(deviceIdOf(8, 1)).toBe("2049");
    expect(deviceIdOf(0, 0x12345)).toBe(String(0x12300045));
    expect(deviceIdOf(0x1234, 0)).toBe(String(0x1000n * 2n ** 32n + 0x23400n));
  });
});

/** A path as the kernel writes it. */
function written(path: string): string {
  return path.replaceAll(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
