import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { edges } from "../../core/lifecycle/image.ts";
import { parseSettings } from "../../core/settings.ts";
import { compose } from "../../functions/runtimes/compose.ts";
import { auditStore } from "../../scripts/faults/audit/audit-store.ts";
import { runMatrix } from "../../scripts/faults/crash/run-matrix.ts";
import { runSteps } from "../../scripts/faults/crash/run-steps.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { makeTemporaryStore } from "../support/temporary-store.ts";

/** Of about a thousand: so many as there is time for, evenly over all moves. */
const KILLS = 80;

const evenly = (count: number): number[] =>
  Array.from({ length: KILLS }, (_, index) => Math.floor((index * count) / KILLS));

test("a process that is killed at fault points of every move leaves a store that others bring to its target", async () => {
  const report = await runMatrix({ directory: "/dev/shm", concurrency: 3, choose: evenly });
  console.log(`${report.points} fault points, ${report.kills} kills, ${report.findings.length} damaged`);
  expect(report.findings).toEqual([]);
  expect(
    edges()
      .map((edge) => edge.join(" "))
      .filter((edge) => !report.edges.has(edge)),
  ).toEqual([]);
  expect(report.kills).toBeGreaterThan(KILLS * 0.9);
}, 180_000);

describe("auditStore finds", () => {
  const store = makeTemporaryStore();
  const root = store.path("store");
  mkdirSync(root);
  const image = makeSmallImage(store.path());
  afterAll(() => store.remove());

  const audit = async (): Promise<string[]> =>
    auditStore({ root, node: "here", isCollected: true }, [
      { name: "a", state: "ACTIVE", tree: store.path("tree-one") },
    ]);

  test("nothing wrong with a store that is whole", async () => {
    const settings = parseSettings(
      { IMGSTORE_ROOT: root, IMGSTORE_NODE: "here" },
      { hostName: "here", absolute: (path) => path },
    );
    const { engine, close } = await compose(settings, { outlivesRequests: true });
    await runSteps(engine, [{ do: "register", image: { name: "a", source: image.path } }, { do: "work" }]);
    await close();
    expect((await audit()).filter((finding) => !finding.startsWith("the tree of"))).toEqual([]);
  });

  test.each([
    ["a stray in tmp/", () => mkdirSync(store.path("store", "tmp", "1.1.0")), /tmp\/1\.1\.0 is a stray/],
    ["a stray blob", () => writeFileSync(store.path("store", "blobs", "x"), ""), /blobs\/x is a stray/],
    ["a stray mount point", () => mkdirSync(store.path("store", "active", "b")), /active\/b" is a stray mount point/],
    ["a stray upper", () => mkdirSync(store.path("store", "overlays", "b")), /overlays\/b is a stray/],
    [
      "a blob with other bytes",
      () => writeFileSync(store.path("store", "blobs", image.digest.slice(7)), Buffer.alloc(image.bytes.length)),
      /the bytes of blob .* are not its own/,
    ],
    [
      "a blob that is not there",
      () => rmSync(store.path("store", "blobs", image.digest.slice(7))),
      /the blob .* is not there/,
    ],
    [
      "a tree that differs",
      () => writeFileSync(store.path("tree-one", "etc", "content"), "other"),
      /the tree of "a": etc\/content/,
    ],
  ])("%s", async (_what, damage, finding) => {
    damage();
    expect((await audit()).join("\n")).toMatch(finding);
  });
});
