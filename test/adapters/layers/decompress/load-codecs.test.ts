import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../../../adapters/package-files.ts";
import { COMPRESSIONS, compressed } from "../../../support/compressed.ts";

test("loadCodecs loads all that any format needs of a file system that is then out of reach", () => {
  const empty = mkdtempSync(join(tmpdir(), "imgstore-confined-"));
  try {
    const plain = Buffer.alloc(600_000, "plain bytes; ");
    const archives = COMPRESSIONS.map((format) => compressed(format, plain).toString("base64"));
    const said = execFileSync(process.execPath, [`${packageRoot}test/support/confined-decoder.mjs`, empty], {
      input: archives.join("\n"),
      encoding: "utf8",
    });
    const digest = createHash("sha256").update(plain).digest("hex");
    expect(said.trim().split("\n")).toEqual(COMPRESSIONS.map(() => digest));
  } finally {
    rmSync(empty, { recursive: true });
  }
});
