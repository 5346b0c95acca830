import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Statement } from "../../../adapters/libsql/database.ts";
import { selectActiveMounts } from "../../../adapters/libsql/statements/active-mounts.ts";
import { takeBlob } from "../../../adapters/libsql/statements/blobs.ts";
import { claimRow } from "../../../adapters/libsql/statements/claim.ts";
import { damageLayer } from "../../../adapters/libsql/statements/damage.ts";
import { seekDueRows } from "../../../adapters/libsql/statements/due.ts";
import { pushLease } from "../../../adapters/libsql/statements/heartbeat.ts";
import { selectHistory } from "../../../adapters/libsql/statements/history.ts";
import { takeLayer, unstageLost } from "../../../adapters/libsql/statements/layers.ts";
import { listPlacements } from "../../../adapters/libsql/statements/list.ts";
import { selectByName } from "../../../adapters/libsql/statements/placement.ts";
import { registerImage } from "../../../adapters/libsql/statements/register.ts";
import { releaseClaim } from "../../../adapters/libsql/statements/release.ts";
import { settleClaim } from "../../../adapters/libsql/statements/settle.ts";
import { swapState } from "../../../adapters/libsql/statements/swap.ts";
import { changeTarget, wakeRow } from "../../../adapters/libsql/statements/target.ts";
import { nextToVerify, noteVerified } from "../../../adapters/libsql/statements/verification.ts";
import type { Claim } from "../../../core/ports/image-rows.ts";
import { blobKey } from "../../../core/ports/work-rows.ts";
import { openFreshFile } from "../../support/database-file.ts";
import { digestOf } from "../../support/rows.ts";

const A = digestOf("a");
const SEEN = { id: 1, state: "DOWNLOADING", version: 1, fence: 1 } as const;
const CLAIM: Claim = { ...SEEN, placementId: 1, name: "debian", move: "finish-download", worker: "w" };
const OP = { opId: "op", worker: "w" };

/** Every statement that is made for each image, sweep or heartbeat. */
const OFTEN: Readonly<Record<string, readonly Statement[]>> = {
  due: seekDueRows("here", 50, 12),
  "active mounts": [selectActiveMounts("here")],
  load: [selectByName("here", "debian")],
  list: [listPlacements("here", { limit: 50 })],
  "list of a state": [listPlacements("here", { limit: 50, state: "ACTIVE" })],
  history: [selectHistory("here", "debian", "latest")],
  register: registerImage("here", {
    name: "debian",
    source: "x",
    checksum: null,
    target: "ACTIVE",
    mountOptions: [],
    ...OP,
  }),
  swap: swapState("here", SEEN, { move: "begin-remove", ...OP }),
  claim: claimRow("here", SEEN, { move: "finish-download", leaseMs: 1, ...OP }),
  heartbeat: [pushLease("here", CLAIM, 1, null)],
  settle: settleClaim("here", CLAIM, {
    move: "finish-download",
    opId: "op",
    facts: {
      checksum: A,
      blobs: [{ digest: A, sizeBytes: 1 }],
      layers: [{ digest: A, expectedDiffId: A }],
      published: [A],
    },
  }),
  "settle of a removal": settleClaim(
    "here",
    { ...CLAIM, state: "REMOVING" },
    { move: "finish-remove", opId: "op", facts: {} },
  ),
  release: releaseClaim("here", CLAIM, { opId: "op", delayMs: 1, isCounted: true, waitsFor: blobKey(A) }),
  target: changeTarget("here", { id: 1, generation: 0 }, { target: "ACTIVE", opId: "op" }),
  wake: [wakeRow("here", 1)],
  "take a blob": takeBlob("here", CLAIM, A),
  "take a layer": takeLayer("here", CLAIM, A, "native"),
  unstage: [unstageLost("here", CLAIM, A, "native")],
  "damage a layer": damageLayer("here", A, "native", { code: "LAYER_DAMAGED", message: "", hint: null }),
  "next to verify": [nextToVerify("here", "native", 1)],
  "note as verified": noteVerified("here", { kind: "blob", digest: A, sizeBytes: 1 }, 1),
};

describe("the query plan", () => {
  let opened: Awaited<ReturnType<typeof openFreshFile>>;

  beforeEach(async () => {
    opened = await openFreshFile();
  });
  afterEach(() => opened.close());

  it.each(Object.keys(OFTEN))("of %s scans no table", async (name) => {
    for (const { sql, args } of OFTEN[name] ?? []) {
      const [steps = []] = await opened.database.read([{ sql: `EXPLAIN QUERY PLAN ${sql}`, args }]);
      const details = steps.map((step) => String(step["detail"]));
      const scans = details.filter(
        (detail) =>
          /^SCAN (?!json_each|CONSTANT ROW|\(subquery|\d+ CONSTANT|VIRTUAL)/.test(detail) || /AUTOMATIC/.test(detail),
      );
      expect(scans, `${sql}\n${details.join("\n")}`).toEqual([]);
    }
  });

  it("of due sorts at most the oldest of each priority", async () => {
    const [next, byPriority] = seekDueRows("here", 50, 12);
    for (const statement of [byPriority, next]) {
      if (statement === undefined) throw new Error("no statement");
      const [steps = []] = await opened.database.read([
        { sql: `EXPLAIN QUERY PLAN ${statement.sql}`, args: statement.args },
      ]);
      const details = steps.map((step) => String(step["detail"])).join("\n");
      expect(details).toContain("placements_due");
      expect(details).not.toContain("ORDER BY");
    }
  });
});
