import { afterEach, beforeEach, expect, test } from "vitest";
import type { HistoryEntryJson, SweepJson } from "../../functions/http/wire.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type Served, serve } from "../support/served.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { contentsOf } from "../support/store-contents.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const IMAGES = ["a", "b", "c", "d", "e", "f"];
const CONTENTS = 3;

let store: TemporaryStore;
let command: CommandLine;
let served: Served;

beforeEach(async () => {
  store = makeTemporaryStore();
  command = commandLine(store.root);
  served = await serve(command);
});

afterEach(async () => {
  await command.end();
  await store.remove();
});

async function overHttp(): Promise<SweepJson> {
  return (await served.request("POST", "/v1/sweep", { body: {} })).body;
}

async function byCommand(): Promise<SweepJson> {
  return command.json(0, "sweep");
}

test("three sweeps at once, over HTTP and by imgstore sweep, make every move once and disturb none", async () => {
  const sources = Array.from({ length: CONTENTS }, (_, index) => makeSmallImage(store.path("tmp"), `content-${index}`));
  for (const [index, name] of IMAGES.entries()) {
    const source = sources[index % CONTENTS];
    const body = { source: source?.path, checksum: source?.digest };
    expect((await served.request("PUT", `/v1/images/${name}`, { body })).status).toBe(201);
  }

  const sweeps: SweepJson[] = [];
  for (let isAtRest = false; !isAtRest; ) {
    const round = await Promise.all([overHttp(), overHttp(), byCommand()]);
    sweeps.push(...round);
    isAtRest = round.every(({ nextDueAtMs }) => nextDueAtMs === null);
  }

  expect(sweeps.flatMap(({ failed }) => failed)).toEqual([]);
  const moved = sweeps.flatMap((sweep) => sweep.moved.map(({ name, move }) => `${name}: ${move}`));
  expect(moved.toSorted()).toEqual(IMAGES.flatMap((name) => MOVES.map((move) => `${name}: ${move}`)).toSorted());
  for (const name of IMAGES) {
    const history: HistoryEntryJson[] = (await served.request("GET", `/v1/images/${name}/history`)).body;
    const made = history.filter(({ fromState, toState }) => fromState !== toState).map(({ move }) => move);
    expect([name, made]).toEqual([name, ["register", ...MOVES]]);
    expect(history.filter(({ error }) => error !== null)).toEqual([]);
  }
  expect(contentsOf(store)).toMatchObject({ active: IMAGES });
  expect(contentsOf(store).images).toHaveLength(CONTENTS);
}, 90_000);

const MOVES = [
  "begin-download",
  "finish-download",
  "begin-unpack",
  "finish-unpack",
  "store",
  "begin-activate",
  "finish-activate",
];

test("a sweep where nothing is due moves nothing, however often cron makes it", async () => {
  const atRest = { moved: [], failed: [], waiting: 0, nextDueAtMs: null };
  for (const sweep of await Promise.all([overHttp(), overHttp(), byCommand()])) expect(sweep).toMatchObject(atRest);
});
