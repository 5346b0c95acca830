import { expect, test } from "vitest";
import type { UnpackedTree } from "../../core/ports/layer-trees.ts";
import { SkippedDevices } from "../../functions/moves/skipped-devices.ts";

const tree = (skippedDevices: number, firstSkipped: readonly string[]): UnpackedTree => ({
  name: "1.1.0",
  inode: "2",
  diffId: `sha256:${"0".repeat(64)}`,
  sizeBytes: 0,
  skippedDevices,
  firstSkipped,
});

test("SkippedDevices has nothing to say where nothing was left out", () => {
  const skipped = new SkippedDevices();
  skipped.add(tree(0, []));
  expect(skipped.remark()).toBeNull();
});

test("SkippedDevices counts what the layers left out, and names the first of each", () => {
  const skipped = new SkippedDevices();
  skipped.add(tree(2, ["dev/null", "dev/zero"]));
  skipped.add(tree(11, ["dev/sda"]));
  const remark = skipped.remark();
  expect(remark).toMatchObject({ code: "DEVICES_SKIPPED", hint: expect.stringContaining("CAP_MKNOD") });
  expect(remark?.message).toBe(
    '13 devices are not in the tree, as this process may not make them: "dev/null", "dev/zero", "dev/sda" and others',
  );
});
