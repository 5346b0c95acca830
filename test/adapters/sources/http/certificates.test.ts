import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSources } from "../../../../adapters/sources/sources.ts";
import { type Certificate, makeCertificate } from "../../../support/certificate.ts";
import { type FaultyServer, sha256, startFaultyServer } from "../../../support/faulty-server.ts";
import { openText } from "../../../support/fetched.ts";
import { startTransfer, type TransferStep } from "../../../support/transfer.ts";

const object = randomBytes(100_000);
let directory: string;
let certificate: Certificate;
let secure: FaultyServer;
let plain: FaultyServer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-tls-"));
  certificate = makeCertificate(directory);
  secure = await startFaultyServer({ object, tls: certificate });
  plain = await startFaultyServer({ object });
});
afterEach(async () => {
  await secure.close();
  await plain.close();
  rmSync(directory, { recursive: true });
});

/** A process of its own: Node reads NODE_EXTRA_CA_CERTS when it starts. */
async function fetchTrusting(source: string): Promise<readonly TransferStep[]> {
  const env = { NODE_EXTRA_CA_CERTS: certificate.path };
  const transfer = startTransfer({
    root: directory,
    source,
    digest: sha256(object),
    attempt: "1.1",
    env,
  });
  await transfer.ended;
  return transfer.steps;
}

test("open https: a certificate that nobody vouches for is SOURCE_REFUSED, with a hint", async () => {
  const sources = createSources({ minBytesPerSecond: 0 });
  try {
    await expect(openText(sources, `${secure.origin}/x`)).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringMatching(/certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/),
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  } finally {
    await sources.close();
  }
});

test("open https: a trusted certificate is accepted, also after a redirect from http", async () => {
  const to = encodeURIComponent(`${secure.origin}/there`);
  expect(await fetchTrusting(`${plain.origin}/x?redirect=1&to=${to}`)).toContainEqual({
    step: "published",
    digest: sha256(object),
    sizeBytes: object.length,
  });
});

test("open https: a redirect from https to http is INSECURE_REDIRECT, and is not followed", async () => {
  const to = encodeURIComponent(`${plain.origin}/there`);
  const steps = await fetchTrusting(`${secure.origin}/x?redirect=1&to=${to}`);
  expect(steps).toContainEqual(expect.objectContaining({ step: "failed", code: "INSECURE_REDIRECT" }));
  expect(plain.log).toEqual([]);
});
