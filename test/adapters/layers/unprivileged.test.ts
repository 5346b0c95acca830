import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import { archive, entry, header } from "../../support/archive-builder.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";
import { WITHOUT_CAPABILITIES } from "../../support/without-capabilities.ts";

const unpacking = useUnpacking();
const module = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;

const SCRIPT = `
  const { createLayerTrees } = await import("${module("adapters/layers/layer-trees.js")}");
  const { DEFAULT_LIMITS } = await import("${module("core/limits.js")}");
  const [root, hex] = process.argv.slice(1);
  const request = { blob: "sha256:" + hex, name: "1.1.0", limits: DEFAULT_LIMITS, signal: new AbortController().signal, onProgress() {} };
  await createLayerTrees({ root }).unpack(request).then(() => console.log("unpacked"), (error) => console.log(error.code, error.hint));
`;

test.each([
  ["a device", archive(header({ name: "null", type: "3", major: 1, minor: 3 }))],
  ["another owner", archive(entry({ name: "f", uid: 1, gid: 1 }))],
])("unpack without privileges says NO_PRIVILEGE for %s, and leaves nothing", (_, bytes) => {
  const blob = unpacking().store(bytes);
  const args = [
    ...WITHOUT_CAPABILITIES,
    process.execPath,
    "--input-type=module",
    "-e",
    SCRIPT,
    unpacking().root,
    hexOf(blob),
  ];
  const said = execFileSync("setpriv", args, { encoding: "utf8" });
  expect(said).toMatch(/^NO_PRIVILEGE run as root/);
  expect(readdirSync(join(unpacking().root, "tmp"))).toEqual([]);
});
