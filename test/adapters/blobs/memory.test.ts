import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import { sha256, startFaultyServer } from "../../support/faulty-server.ts";
import { makeTemporaryStore } from "../../support/temporary-store.ts";
import { startTransfer } from "../../support/transfer.ts";

const OBJECT_BYTES = 300_000_000;

test("append: a transfer of 300 MB grows its process by far less", { timeout: 60_000 }, async () => {
  const object = randomBytes(OBJECT_BYTES);
  const digest = sha256(object);
  const store = makeTemporaryStore();
  const server = await startFaultyServer({ object });
  const transfer = startTransfer({ root: store.root, source: `${server.origin}/image`, digest, attempt: "1.1" });
  try {
    const { grownBytes } = await transfer.until(({ step }) => step === "ended");
    expect(statSync(store.path("blobs", hexOf(digest))).size).toBe(OBJECT_BYTES);
    expect(grownBytes).toBeLessThan(OBJECT_BYTES / 3);
  } finally {
    transfer.signal("SIGKILL");
    await transfer.ended;
    await server.close();
    await store.remove();
  }
});
