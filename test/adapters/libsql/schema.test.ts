import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { edges, isLegal, isMove, MOVES, ruleOf, STATES } from "../../../core/lifecycle/image.ts";
import { openFreshFile } from "../../support/database-file.ts";
import { register } from "../../support/rows.ts";

type Opened = Awaited<ReturnType<typeof openFreshFile>>;

describe("the schema", () => {
  let opened: Opened;

  beforeEach(async () => {
    opened = await openFreshFile();
  });
  afterEach(() => opened.close());

  // `npx vitest run --dir test libsql/schema -u` writes it anew
  it("is the one in schema.sql", async () => {
    const [rows = []] = await opened.database.read([
      { sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name", args: {} },
    ]);
    const normalised = rows.map((row) =>
      String(row["sql"])
        .replaceAll(/\s*--[^\n]*/g, "")
        .replaceAll(/\s+/g, " "),
    );
    await expect(`${normalised.join(";\n\n")};\n`).toMatchFileSnapshot("schema.sql");
  });

  it("has the lifecycle's edges, no more and no fewer", async () => {
    const [rows = []] = await opened.database.read([{ sql: "SELECT * FROM moves", args: {} }]);
    const inTable = rows.map((row) => `${row["move"]} ${row["from_state"]} ${row["to_state"]}`);
    expect(inTable.toSorted()).toEqual(
      edges()
        .map((edge) => edge.join(" "))
        .toSorted(),
    );
  });

  it("refuses every move, from every state to every state, that the lifecycle's table does not have", async () => {
    const { id } = await register(opened.imagesOf("here"), "debian");
    const states = [...STATES, "REMOVED"] as const;
    for (const from of states) {
      await put(opened, id, from);
      for (const move of [...Object.keys(MOVES), "register", "nonsense"]) {
        for (const to of states) {
          const isEdge = from !== "REMOVED" && isMove(move) && isLegal(move, from) && ruleOf(move).to === to;
          // back at once: the pair is what is asked about
          const write = tried(opened, id, from, move, to);
          if (isEdge || from === to) await expect(write, `${move} ${from} ${to}`).resolves.toBeUndefined();
          else await expect(write, `${move} ${from} ${to}`).rejects.toThrow("ILLEGAL_MOVE");
        }
      }
    }
  });

  it.each([
    ["a version without a state", "version = version + 1", "ILLEGAL_MOVE"],
    ["a state without a version", "state = 'DOWNLOADING', move = 'begin-download'", "ILLEGAL_MOVE"],
    ["a fence that goes back", "fence = fence - 1", "COUNTER_WENT_BACK"],
    ["a generation that goes back", "generation = generation - 1", "COUNTER_WENT_BACK"],
    ["a claim without a fence", "lease_owner = 'w', claimed_at_ms = 1, claimed_generation = 0", "UNFENCED_WRITE"],
    ["another name", "name = 'other'", "UNFENCED_WRITE"],
    [
      "a lease without an end",
      "fence = fence + 1, lease_owner = 'w', claimed_at_ms = 1, claimed_generation = 0, due_at_ms = NULL",
      "CHECK",
    ],
    [
      "a held row that waits",
      "fence = fence + 1, lease_owner = 'w', claimed_at_ms = 1, claimed_generation = 0, waits_for = 'x'",
      "CHECK",
    ],
    ["half a mount", "boot_id = 'x'", "CHECK"],
    ["an unknown priority", "priority = 7", "CHECK"],
  ])("refuses %s", async (_what, set, error) => {
    await register(opened.imagesOf("here"), "debian");
    await expect(opened.database.batch([{ sql: `UPDATE placements SET ${set}`, args: {} }])).rejects.toThrow(error);
  });

  it("refuses to delete a placement that was not removed, and to insert one that is not new", async () => {
    await register(opened.imagesOf("here"), "debian");
    const { database } = opened;
    await expect(database.batch([{ sql: "DELETE FROM placements", args: {} }])).rejects.toThrow("ILLEGAL_MOVE");
    const sql = `INSERT INTO placements (image_id, node, name, state, target, move, op_id, worker, mount_options,
      created_at_ms, updated_at_ms) SELECT image_id, 'there', name, 'ACTIVE', target, move, 'x', worker, mount_options, 0, 0
      FROM placements`;
    await expect(database.batch([{ sql, args: {} }])).rejects.toThrow("ILLEGAL_MOVE");
  });
});

/** Puts a row into a state past the guard, which is dropped and made again in the same transaction. */
async function put({ database }: Opened, id: number, state: string): Promise<void> {
  const [[guard] = []] = await database.read([
    { sql: "SELECT sql FROM sqlite_schema WHERE name = 'placements_guard_state'", args: {} },
  ]);
  await database.batch([
    { sql: "DROP TRIGGER placements_guard_state", args: {} },
    { sql: "UPDATE placements SET state = :state, move = 'register' WHERE id = :id", args: { id, state } },
    { sql: String(guard?.["sql"]), args: {} },
  ]);
}

/** Tries a move on the row, and takes it back by failing the transaction after it; rejects where the guard did. */
async function tried({ database }: Opened, id: number, from: string, move: string, to: string): Promise<void> {
  const sql = `UPDATE placements SET state = :to, move = :move, version = version + (:to <> :from) WHERE id = :id`;
  const undo = { sql: "INSERT INTO moves SELECT * FROM moves LIMIT 1", args: {} };
  try {
    await database.batch([{ sql, args: { id, from, move, to } }, undo]);
  } catch (error) {
    if (error instanceof Error && error.message.includes("UNIQUE constraint failed: moves")) return;
    throw error;
  }
}
