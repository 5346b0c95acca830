import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { debianRootfs } from "../support/debian-rootfs.ts";

test("create-debian-rootfs.sh makes a root file system of more than 5,000 entries with dpkg's database", async () => {
  const rootfs = await debianRootfs();
  const names = execFileSync("tar", ["--list", "--gzip", "--file", rootfs.path], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(rootfs.entries).toBeGreaterThan(5000);
  expect(names).toContain("./var/lib/dpkg/status\n");
  expect(names).toContain("./usr/bin/dash\n");
}, 300_000);
