import { archive, entry, header, pax } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refused } from "../../support/hostile/hostile-case.ts";

/** Numbers that no kernel has, and how the entry states them. */
const OUT_OF_RANGE: readonly (readonly [major: number, minor: number])[] = [
  [4096, 0],
  [0, 2 ** 20],
  [2 ** 40, 0],
  [-1, 0],
  [256, -256],
  [2 ** 32 + 1, 3],
];

/** Devices: what stands for something else to the kernel. */
export const devices: HostileCases = () => [
  {
    name: "character device 0:0, a whiteout in disguise",
    archive: archive(header({ name: "etc/shadow", type: "3" })),
    outcome: refused("UNSAFE_ARCHIVE", "etc/shadow", 0, "whiteout in disguise"),
  },
  {
    name: "character device 0:0, by empty number fields",
    archive: archive(header({ name: "x", type: "3", raw: [[329, Buffer.alloc(16)]] })),
    outcome: refused("UNSAFE_ARCHIVE", "x", 0, "whiteout in disguise"),
  },
  {
    name: "character device 0:0, by numbers that the kernel would cut",
    archive: archive(header({ name: "x", type: "3", major: 4096, minor: 2 ** 20 })),
    outcome: refused("UNSAFE_ARCHIVE", "x", 0, "there is no device 4096:1048576"),
  },
  {
    name: "character device 0:0, by the records of other tools against the header's",
    archive: archive(
      pax({ "SCHILY.devmajor": "0", "SCHILY.devminor": "0", "SUN.devmajor": "0", "SUN.devminor": "0" }),
      header({ name: "x", type: "3", major: 1, minor: 3 }),
    ),
    outcome: accepted({ x: "char 1:3 644" }),
  },
  ...each(
    OUT_OF_RANGE.map((numbers, index) => [index % 2 === 0 ? "3" : "4", ...numbers] as const),
    ([type, major, minor]) => ({
      name: `a ${type === "3" ? "character" : "block"} device ${major}:${minor}`,
      archive: archive(header({ name: "d", type, major, minor })),
      outcome: refused("UNSAFE_ARCHIVE", "d", 0, `there is no device ${major}:${minor}`),
    }),
  ),
  {
    name: "a device number that is no number",
    archive: archive(header({ name: "d", type: "3", raw: [[329, "12x4567\0"]] })),
    outcome: refused("CORRUPT_ARCHIVE", "d", 0, "its major device number is not a number"),
  },
  {
    name: "a device without a number, as in the oldest format",
    archive: archive(header({ name: "d", type: "3", magic: "v7" })),
    outcome: refused("CORRUPT_ARCHIVE", "d", 0, "a device without a number"),
  },
  {
    name: "a device whose name ends in a slash",
    archive: archive(header({ name: "d/", type: "4", major: 7, minor: 0, mode: 0o660 })),
    outcome: accepted({ d: "block 7:0 660" }),
  },
  {
    name: "a device with a size does not swallow the entry after it",
    archive: archive(header({ name: "d", type: "4", major: 7, minor: 1, size: 512 }), entry({ name: "next" }, "1")),
    outcome: accepted({ d: "block 7:1 644", next: 'file 644 "1"' }),
  },
  {
    name: "no attack: block device 0:0 and the largest numbers",
    archive: archive(
      header({ name: "none", type: "4", mode: 0o600 }),
      header({ name: "last", type: "3", mode: 0o4640, major: 4095, minor: 2 ** 20 - 1, uid: 5 }),
    ),
    outcome: accepted({ none: "block 0:0 600", last: "char 4095:1048575 4640 of 5:0" }),
  },
  {
    name: "a FIFO is made, not opened",
    archive: archive(header({ name: "p", type: "6", mode: 0o622, mtime: 3 }), header({ name: "p", type: "6" })),
    outcome: accepted({ p: "fifo 644" }),
  },
];
