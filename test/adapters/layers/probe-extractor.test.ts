import { expect, test } from "vitest";
import { probeExtractor } from "../../../adapters/layers/probe-extractor.ts";

test("probeExtractor finds, for root, a mount of the extractor's own and a filter of system calls", async () => {
  expect(await probeExtractor()).toMatchObject({ wall: "detached-mount", isFiltered: true });
});
