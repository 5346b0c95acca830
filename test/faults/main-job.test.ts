import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HistoryEntryJson, ImageJson, SweepJson } from "../../functions/http/wire.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type FaultyServer, startFaultyServer } from "../support/faulty-server.ts";
import { type LargeImage, makeLargeImage } from "../support/large-image.ts";
import { type Served, serve } from "../support/served.ts";
import { contentsOf } from "../support/store-contents.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

/** How long the source takes: short for everyday, 20 for a thorough run. */
const SOURCE_S = Number(process.env["IMGSTORE_TEST_SOURCE_S"] ?? 6);
const PIECES_PER_S = 20;

const BUDGET_S = 1;
const LONGEST_REQUEST_S = 2;

let directory: string;
let image: LargeImage;
let server: FaultyServer;
let store: TemporaryStore;
let command: CommandLine;
let served: Served;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-job-"));
  image = makeLargeImage(directory, { files: 2, fileBytes: 500_000 });
  server = await startFaultyServer({ object: image.bytes });
  store = makeTemporaryStore();
  command = commandLine(store.root, { IMGSTORE_REQUEST_BUDGET_S: String(BUDGET_S) });
  served = await serve(command);
});

afterEach(async () => {
  await command.end();
  await server.close();
  await store.remove();
  rmSync(directory, { recursive: true });
});

interface CurlAnswer {
  readonly status: number;
  readonly tookS: number;
  readonly retryAfterS: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever JSON the route answers with
  readonly body: any;
}

/** A request by curl(1), as a person or a cron job without any client of ours makes it. */
async function curl(method: string, path: string, body?: object): Promise<CurlAnswer> {
  const sent = body === undefined ? [] : ["--json", JSON.stringify(body)];
  const format = "\n%{http_code} %{time_total} 0%header{retry-after}";
  const args = ["-sS", "-X", method, ...sent, "-w", format, `${served.url}${path}`];
  const { stdout } = await promisify(execFile)("curl", args);
  const end = stdout.lastIndexOf("\n");
  const [status, tookS, retryAfterS] = stdout
    .slice(end + 1)
    .split(" ")
    .map(Number);
  const text = stdout.slice(0, end);
  expect(tookS).toBeLessThan(LONGEST_REQUEST_S);
  return {
    status: status ?? 0,
    tookS: tookS ?? 0,
    retryAfterS: retryAfterS ?? 0,
    body: text === "" ? null : JSON.parse(text),
  };
}

async function register(): Promise<void> {
  const every = Math.round(1000 / PIECES_PER_S);
  const piece = Math.ceil(image.bytes.length / (SOURCE_S * PIECES_PER_S));
  const source = `${server.origin}/slow?trickle=${piece}&every=${every}`;
  expect((await curl("PUT", "/v1/images/web", { source, checksum: image.digest })).status).toBe(201);
}

/** Each move once, and no byte asked for twice. */
async function expectOneWay(): Promise<void> {
  const history: HistoryEntryJson[] = (await curl("GET", "/v1/images/web/history")).body;
  expect(history.map(({ move, error }) => [move, error])).toEqual(MOVES.map((move) => [move, null]));
  expect(server.log).toHaveLength(1);
  expect(contentsOf(store)).toMatchObject({ blobs: [image.digest.slice(7)], tmp: [] });
}

const MOVES = [
  "register",
  "begin-download",
  "finish-download",
  "begin-unpack",
  "finish-unpack",
  "store",
  "begin-activate",
  "finish-activate",
];

test("the main job by curl alone, one transition a request: none takes longer than its budget, ACTIVE in the end", async () => {
  await register();
  let answered202 = 0;
  for (let state = ""; state !== "ACTIVE"; ) {
    const { status, retryAfterS, body } = await curl("POST", "/v1/images/web/advance");
    expect([200, 202, 409]).toContain(status);
    if (status === 202) answered202 += 1;
    if (status === 409) expect(body.code).toBe("LEASED");
    if (status !== 200) expect(retryAfterS).toBeGreaterThanOrEqual(1);
    const { body: now }: { body: ImageJson } = await curl("GET", "/v1/images/web");
    expect(now.error).toBeNull();
    state = now.state;
    if (status !== 200) await sleep(retryAfterS * 1000);
  }
  expect(answered202).toBeGreaterThan(0);
  await expectOneWay();
}, 90_000);

test("the main job by nothing but sweeps, as cron makes them: none takes longer than its budget, ACTIVE in the end", async () => {
  await register();
  for (let isAtRest = false; !isAtRest; ) {
    const { status, body }: { status: number; body: SweepJson } = await curl("POST", "/v1/sweep", {});
    expect(status).toBe(200);
    expect(body.failed).toEqual([]);
    const { nextDueAtMs, nowMs } = body;
    isAtRest = nextDueAtMs === null;
    // comes earlier than it is asked to, as cron may
    if (nextDueAtMs !== null) await sleep(Math.min(500, Math.max(0, nextDueAtMs - nowMs)));
  }
  expect((await curl("GET", "/v1/images/web")).body.state).toBe("ACTIVE");
  await expectOneWay();
}, 90_000);
