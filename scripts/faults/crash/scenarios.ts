import type { ExpectedImage } from "../audit/audit-store.ts";
import type { Fixtures } from "./fixtures.ts";
import type { Step } from "./run-steps.ts";

/** A way through the lifecycle, part of which a process makes that is killed. */
export interface Scenario {
  readonly name: string;
  /** Made beforehand, whole. */
  readonly before: readonly Step[];
  /** Done to the store's files behind its back, once what comes before is made. */
  readonly meanwhile?: "unmount" | "lose-staging" | "lose-layer" | "hold-mount" | "occupy-mount-point";
  /** Made by the process that is killed, and again by the one that goes on after it. */
  readonly steps: readonly Step[];
  readonly expected: readonly ExpectedImage[];
  readonly environment?: Readonly<Record<string, string>>;
}

const WORK: Step = { do: "work" };
const remove: Step = { do: "target", name: "a", target: "REMOVED" };
const deactivate: Step = { do: "target", name: "a", target: "STORED" };

/** Ways that, together, make every move of the table. */
export function scenarios(fixtures: Fixtures): Scenario[] {
  const { tar, tree, otherTar, wrongDigest, notATar, archive } = fixtures;
  const a: Step = { do: "register", image: { name: "a", source: tar.path } };
  const stored: readonly Step[] = [{ do: "register", image: { name: "a", source: tar.path, target: "STORED" } }, WORK];
  const active: readonly Step[] = [a, WORK];
  const reach = (state: string): readonly Step[] => [a, { do: "reach", name: "a", state }];
  const isActive: ExpectedImage = { name: "a", state: "ACTIVE", tree };
  const isStored: ExpectedImage = { name: "a", state: "STORED", tree };
  const isGone: ExpectedImage = { name: "a", state: null };
  const isFailed: ExpectedImage = { name: "a", state: "FAILED" };
  const fetched: Step = { do: "register", image: { name: "a", source: tar.url, checksum: tar.digest } };
  const mismatched: Step = { do: "register", image: { name: "a", source: tar.url, checksum: wrongDigest } };
  const noTar: Step = { do: "register", image: { name: "a", source: notATar.path } };
  return [
    { name: "fetch from a URL", before: [], steps: [fetched, WORK], expected: [isActive] },
    { name: "fetch of a file without a checksum", before: [], steps: [a, WORK], expected: [isActive] },
    {
      name: "fetch of two images that share a layer",
      before: [],
      steps: [
        { do: "register", image: { name: "a", source: `docker-archive:${archive.path}:a:1` } },
        { do: "register", image: { name: "b", source: `docker-archive:${archive.path}:b:1` } },
        WORK,
      ],
      expected: [
        { name: "a", state: "ACTIVE" },
        { name: "b", state: "ACTIVE" },
      ],
    },
    { name: "deactivate", before: active, steps: [deactivate, WORK], expected: [isStored] },
    {
      name: "deactivate while it is being activated",
      before: reach("ACTIVATING"),
      steps: [deactivate, WORK],
      expected: [isStored],
    },
    {
      name: "deactivate what is busy",
      before: active,
      meanwhile: "hold-mount",
      steps: [deactivate, WORK],
      expected: [isActive],
      environment: { IMGSTORE_MAX_ATTEMPTS: "1" },
    },
    {
      name: "activate with a fresh upper",
      before: [...active, deactivate, WORK],
      steps: [{ do: "target", name: "a", target: "ACTIVE", how: { isFresh: true } }, WORK],
      expected: [isActive],
    },
    { name: "mount again", before: active, meanwhile: "unmount", steps: [WORK], expected: [isActive] },
    { name: "remove and collect garbage", before: active, steps: [remove, WORK, { do: "gc" }], expected: [isGone] },
    ...["NEW", "DOWNLOADING", "DOWNLOADED", "UNPACKING", "UNPACKED"].map(
      (state): Scenario => ({
        name: `remove in ${state}`,
        before: reach(state),
        steps: [remove, WORK],
        expected: [isGone],
      }),
    ),
    { name: "fetch what has another digest", before: [], steps: [mismatched, WORK], expected: [isFailed] },
    { name: "fetch what is no tar", before: [], steps: [noTar, WORK], expected: [isFailed] },
    {
      name: "lose the staged tree, and retry",
      before: reach("UNPACKED"),
      meanwhile: "lose-staging",
      steps: [WORK, { do: "retry", name: "a" }, WORK],
      expected: [isActive],
    },
    {
      name: "lose the published tree",
      before: reach("ACTIVATING"),
      meanwhile: "lose-layer",
      steps: [WORK],
      expected: [isActive],
    },
    {
      name: "activate where something else lies",
      before: reach("ACTIVATING"),
      meanwhile: "occupy-mount-point",
      steps: [WORK],
      expected: [isFailed],
      environment: { IMGSTORE_MAX_ATTEMPTS: "1" },
    },
    { name: "remove what FAILED", before: [noTar, WORK], steps: [remove, WORK], expected: [isGone] },
    {
      name: "fetch a damaged layer again",
      before: stored,
      steps: [{ do: "damage", name: "a" }, WORK],
      expected: [isStored],
    },
    {
      name: "repair what is ACTIVE",
      before: active,
      steps: [{ do: "damage", name: "a" }, WORK],
      expected: [isActive],
    },
    {
      name: "remove, collect garbage and fetch something else",
      before: active,
      steps: [remove, { do: "register", image: { name: "b", source: otherTar.path } }, WORK, { do: "gc" }],
      expected: [isGone, { name: "b", state: "ACTIVE" }],
    },
  ];
}
