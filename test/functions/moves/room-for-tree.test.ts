import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { needOf } from "../../../core/admission/need.ts";
import type { Claim } from "../../../core/ports/image-rows.ts";
import { parseSettings } from "../../../core/settings.ts";
import { RoomForTree } from "../../../functions/moves/room-for-tree.ts";
import { type Composed, compose } from "../../../functions/runtimes/compose.ts";
import { claimedIn, loaded } from "../../support/rows.ts";
import { mountSmallDisk, type SmallDisk } from "../../support/small-disk.ts";

const MB = 2 ** 20;
/** Likely three times as many become of them, and here forty. */
const BLOB_BYTES = MB;
const GROWN = { unpackedBytes: BLOB_BYTES / 4, plainBytes: 10 * MB };

let disk: SmallDisk;
let composed: Composed;
let other: Claim;
let room: RoomForTree;

beforeEach(async () => {
  disk = mountSmallDisk(60 * MB);
  const environment = { IMGSTORE_ROOT: join(disk.path, "store"), IMGSTORE_NODE: "here" };
  const settings = parseSettings(environment, { hostName: "here", absolute: (path) => path });
  composed = await compose(settings, { outlivesRequests: true });
  const { engine } = composed;
  const claim = await claimedIn(engine.images, "a", "UNPACKING");
  other = await claimedIn(engine.images, "b", "UNPACKING");
  room = new RoomForTree(
    {
      ...engine,
      claim,
      placement: await loaded(engine.images, "a"),
      disk: await engine.disk(),
      signal: new AbortController().signal,
      report: () => {},
      isStillOurs: async () => true,
    },
    BLOB_BYTES,
  );
  expect(await room.admit()).toBe(true);
});

afterEach(async () => {
  await composed.close();
  disk.remove();
});

async function reservedBytes(): Promise<number> {
  const sql = "SELECT reserved_bytes FROM placements WHERE name = 'a'";
  return Number((await composed.database.read([{ sql, args: {} }]))[0]?.[0]?.["reserved_bytes"]);
}

/** Whether another image gets so much beside it, of 55 MB. */
async function reservableBeside(bytes: number): Promise<boolean> {
  const free = { bytes: 55 * MB, inodes: null };
  return (await composed.engine.work.reserve(other, { need: needOf(bytes, 0), free })).kind === "reserved";
}

test("RoomForTree refuses where an archive grows by more than there is beside what others have reserved", async () => {
  expect(await reservableBeside(40 * MB)).toBe(true);
  room.grown(GROWN.unpackedBytes, GROWN.plainBytes);
  await once(room.refused, "abort");
  expect(room.refusal).toMatchObject({
    code: "NO_SPACE",
    message: expect.stringMatching(/^"a" needs about 31\.\d MB/),
  });
});

test("RoomForTree reserves more where an archive grows by more than was reserved, so that others wait", async () => {
  room.grown(GROWN.unpackedBytes, GROWN.plainBytes);
  while ((await reservedBytes()) < 30 * MB) await composed.engine.clock.sleep(1);
  expect(await reservableBeside(40 * MB)).toBe(false);
  expect(await reservableBeside(20 * MB)).toBe(true);
  expect(room.refusal).toBeNull();
});
