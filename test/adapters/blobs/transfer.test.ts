import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import { type FaultyServer, sha256, startFaultyServer } from "../../support/faulty-server.ts";
import { makeTemporaryStore, type TemporaryStore } from "../../support/temporary-store.ts";
import { startTransfer, type Transfer, type TransferStep } from "../../support/transfer.ts";

const MIB = 2 ** 20;
const object = randomBytes(16 * MIB);
vi.setConfig({ testTimeout: 60_000 });

let store: TemporaryStore;
let server: FaultyServer;
let transfers: Transfer[];

beforeEach(async () => {
  store = makeTemporaryStore();
  server = await startFaultyServer({ object });
  transfers = [];
});
afterEach(async () => {
  for (const transfer of transfers) transfer.signal("SIGKILL");
  await Promise.all(transfers.map(({ ended }) => ended));
  await server.close();
  await store.remove();
});

function start(attempt: string, query = "", isAsking = false): Transfer {
  const source = `${server.origin}/image${query}`;
  const transfer = startTransfer({ root: store.root, source, digest: sha256(object), attempt, isAsking });
  transfers.push(transfer);
  return transfer;
}

const blobPath = (): string => store.path("blobs", hexOf(sha256(object)));
const has =
  (bytes: number) =>
  (step: TransferStep): boolean =>
    (step.sizeBytes ?? 0) >= bytes;
const is =
  (name: TransferStep["step"]) =>
  ({ step }: TransferStep): boolean =>
    step === name;

function expectPublished(): void {
  expect(readFileSync(blobPath()).equals(object)).toBe(true);
  expect(readdirSync(store.path("blobs"))).toEqual([hexOf(sha256(object))]);
  expect(readdirSync(store.path("tmp"))).toEqual([]);
}

test("openPartial: what a killed writer left is adopted, and fetched once", async () => {
  const killed = start("1.1", `?stall=${8 * MIB}`);
  await killed.until(has(7 * MIB));
  killed.signal("SIGKILL");
  await killed.ended;

  const successor = start("1.2");
  const { sizeBytes: kept = 0 } = await successor.until(is("held"));
  expect(kept).toBeGreaterThanOrEqual(7 * MIB);
  await successor.until(is("published"));
  await successor.ended;
  expectPublished();
  expect(server.log[1]).toMatchObject({ firstByte: kept, sentBytes: object.length - kept });
});

test("openPartial: whatever writers that were killed one after another left is the beginning of the object", async () => {
  for (let round = 1; round <= 4; round++) {
    const killed = start(`1.${round}`, `?stall=${6 * MIB}`);
    const { sizeBytes: adopted = 0 } = await killed.until(is("held"));
    await killed.until((step) => step.step === "bytes" && has(adopted + MIB)(step));
    killed.signal("SIGKILL");
    await killed.ended;
  }
  const successor = start("1.9");
  expect((await successor.until(is("held"))).sizeBytes).toBeGreaterThanOrEqual(4 * MIB);
  await successor.until(is("published"));
  await successor.ended;
  expectPublished();
});

test("openPartial: of two writers at once the second starts its own, both end, and the blob is right", async () => {
  const first = start("1.1", "", true);
  await first.until(is("appended"));
  const second = start("2.1", "", true);
  expect(await second.until(is("held"))).toMatchObject({ sizeBytes: 0 });
  await second.until(is("appended"));
  second.publish();
  await second.until(is("published"));
  first.publish();
  await first.until(is("published"));
  await Promise.all([first.ended, second.ended]);
  expectPublished();
});

test("openPartial: six writers at once end with one right blob", async () => {
  const writers = Array.from({ length: 6 }, (_, writer) => start(`${writer}.1`));
  await Promise.all(writers.map(({ ended }) => ended));
  const ends = writers.map(({ steps }) => steps.find(({ step }) => step === "published" || step === "failed"));
  expect(ends.filter((end) => end?.step === "published")).not.toHaveLength(0);
  for (const end of ends) if (end?.step === "failed") expect(end.code).toBe("INTERRUPTED");
  expectPublished();
});

test("publish: a writer that was stopped while another finished changes nothing when it goes on", async () => {
  const stopped = start("1.1", `?trickle=131072&every=5`);
  await stopped.until(has(2 * MIB));
  stopped.signal("SIGSTOP");

  const successor = start("1.2");
  await successor.until(is("published"));
  await successor.ended;
  const { ino } = statSync(blobPath());

  stopped.signal("SIGCONT");
  await stopped.until(is("published"));
  await stopped.ended;
  expect(statSync(blobPath()).ino).toBe(ino);
  expectPublished();
});

test("publish: a writer that was stopped in the middle goes on while its successor writes, and does not harm it", async () => {
  const stopped = start("1.1", "", true);
  await stopped.until(is("appended"));
  stopped.signal("SIGSTOP");
  const successor = start("1.2", "", true);
  await successor.until(has(5 * MIB));

  stopped.signal("SIGCONT");
  stopped.publish();
  expect(await stopped.until(is("failed"))).toMatchObject({ code: "INTERRUPTED" });
  await stopped.ended;

  successor.publish();
  await successor.until(is("published"));
  expectPublished();
});
