import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publishTree } from "../../../adapters/layers/publish.ts";
import { makeFileSystem, mountImage, unmountAll } from "../../../scripts/faults/power-cuts/file-systems.ts";

test("publishTree leaves a tree its time, also where XFS would set that of what changes places with another", async () => {
  const directory = mkdtempSync("/dev/shm/imgstore-publish-");
  const mountPoint = join(directory, "mount");
  mkdirSync(mountPoint);
  try {
    const imagePath = join(directory, "xfs.img");
    await makeFileSystem("xfs", imagePath);
    await mountImage("xfs", { imagePath, mountPoint, isDirect: false });
    const [stagedPath, publishedPath] = [join(mountPoint, "tmp", "1.1.0"), join(mountPoint, "images", "x")];
    const paths = { stagedPath, publishedPath, replacedPath: join(mountPoint, "tmp", "replaced.x.1") };
    for (const tree of [stagedPath, publishedPath]) mkdirSync(tree, { recursive: true });
    utimesSync(stagedPath, 1_000_000_000, 1_000_000_000);
    const inode = statSync(stagedPath, { bigint: true }).ino.toString();
    expect(await publishTree({ ...paths, inode, isVouchedFor: false })).toBe(true);
    const { ino, mtimeMs } = statSync(publishedPath, { bigint: true });
    expect([ino.toString(), mtimeMs]).toEqual([inode, 1_000_000_000_000n]);
  } finally {
    await unmountAll(mountPoint);
    rmSync(directory, { recursive: true });
  }
});
