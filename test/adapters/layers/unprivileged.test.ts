import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import { archive, entry, hardlink, header } from "../../support/archive-builder.ts";
import { summaryOf } from "../../support/hostile/tree-summary.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";
import { WITHOUT_CAPABILITIES } from "../../support/without-capabilities.ts";

const unpacking = useUnpacking();
const module = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;

const SCRIPT = `
  const { startExtraction } = await import("${module("adapters/layers/extractor-process.js")}");
  const { Extractors } = await import("${module("adapters/layers/extractors.js")}");
  const { DEFAULT_LIMITS } = await import("${module("core/limits.js")}");
  const [storedPath, treePath] = process.argv.slice(1);
  const order = { storedPath, treePath, limits: DEFAULT_LIMITS, isArriving: false };
  await startExtraction(new Extractors().take(), order, { signal: new AbortController().signal, onProgress() {} }).tree.then(
    ({ skippedDevices, firstSkipped }) => console.log(JSON.stringify({ skippedDevices, firstSkipped })),
    ({ code, hint }) => console.log(JSON.stringify({ code, hint })),
  );
`;

/** What a process without privileges says of unpacking an archive, and where it was to be unpacked. */
function unpackWithout(capabilities: readonly string[], bytes: Uint8Array): { said: unknown; tree: string } {
  const { root } = unpacking();
  const blob = join(root, "blobs", hexOf(unpacking().store(bytes)));
  const tree = join(root, "tmp", "1.1.0");
  const node = [process.execPath, "--input-type=module", "-e", SCRIPT, blob, tree];
  return { said: JSON.parse(execFileSync("setpriv", [...capabilities, ...node], { encoding: "utf8" })), tree };
}

const devices = archive(
  header({ name: "dev/null", type: "3", major: 1, minor: 3 }),
  hardlink("dev/zero", "dev/null"),
  entry({ name: "dev/file" }, "before"),
  header({ name: "dev/file", type: "4", major: 7, minor: 0 }),
  header({ name: "dev/pipe", type: "6", mode: 0o600 }),
  entry({ name: "dev/.wh.gone" }),
  header({ name: "dev/\n", type: "4", major: 7, minor: 0 }),
);

test.each([
  ["any capability", WITHOUT_CAPABILITIES],
  ["CAP_MKNOD", ["--bounding-set=-mknod", "--inh-caps=-mknod"]],
])(
  "unpack without %s leaves out devices and hard links to them, counts them, and makes the rest",
  (_, capabilities) => {
    const { said, tree } = unpackWithout(capabilities, devices);
    expect(said).toEqual({
      skippedDevices: 4,
      firstSkipped: ["dev/null", "dev/zero", "dev/file", String.raw`dev/\n`],
    });
    expect(summaryOf(tree)).toEqual({ dev: "dir 755", "dev/pipe": "fifo 600", "dev/gone": "whiteout" });
  },
);

test("unpack as root leaves nothing out", () => {
  const { said } = unpackWithout([], devices);
  expect(said).toEqual({ skippedDevices: 0, firstSkipped: [] });
});

test("a hard link to what is neither there nor left out is refused without privileges, too", () => {
  const { said } = unpackWithout(WITHOUT_CAPABILITIES, archive(hardlink("a", "dev/none")));
  expect(said).toMatchObject({ code: "UNSAFE_ARCHIVE" });
});

test("unpack without privileges says NO_PRIVILEGE for another owner, and leaves nothing", () => {
  const { said } = unpackWithout(WITHOUT_CAPABILITIES, archive(entry({ name: "f", uid: 1, gid: 1 })));
  expect(said).toEqual({ code: "NO_PRIVILEGE", hint: expect.stringMatching(/^run as root/) });
  expect(readdirSync(join(unpacking().root, "tmp"))).toEqual([]);
});
