import { expect, test } from "vitest";
import { compressed } from "../../../support/compressed.ts";
import { decompressionError } from "../../../support/decompressed.ts";

test("openPlainBytes of bzip2 may not be followed by zeros", async () => {
  const stored = Buffer.concat([compressed("bzip2", Buffer.from("plain bytes")), Buffer.alloc(512)]);
  expect((await decompressionError(stored)).code).toBe("CORRUPT_ARCHIVE");
});
