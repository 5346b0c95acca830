import type { Database, Row, Statement } from "../../../adapters/libsql/database.ts";
import { openFileDatabase } from "../../../adapters/libsql/file.ts";
import { NOW } from "../../../adapters/libsql/statements/fragments.ts";
import type { Mutant } from "./mutants.ts";

/** A real database file whose time stands still, but for `advance`. */
export interface SteppedDatabase extends Database {
  /** Lets time pass, in milliseconds. */
  advance(ms: number): Promise<void>;

  /** As `batch`, where time passes between the first statement and the second: each statement has a time of its own. */
  batchWithLapse(statements: readonly Statement[], ms: number): Promise<Row[][]>;
}

const STEPPED_NOW = "(SELECT now_ms FROM stepped_clock)";
const BEGINS_AT_MS = 1_700_000_000_000;
const ANY_TIME = /unixepoch|julianday|strftime|datetime|current_(?:time|date)/i;

/**
 * Opens a migrated database in which every statement and every trigger reads the time from one row instead of from the
 * machine. Nothing else of any text is changed: the product has one expression for the time, which is the same throughout
 * a statement, as a row's value is; a text that names the time in another way is refused. The row only goes forward.
 * @param mutant a text that is put in another's place: the protocol broken on purpose
 */
export async function openSteppedDatabase(path: string, mutant: Mutant | null = null): Promise<SteppedDatabase> {
  const database = await openFileDatabase(path);
  await database.batch([
    plain("CREATE TABLE stepped_clock (now_ms INTEGER NOT NULL) STRICT"),
    plain(`INSERT INTO stepped_clock (now_ms) VALUES (${BEGINS_AT_MS})`),
  ]);
  await database.batch(await triggersOnSteppedTime(database));
  const stepped = new Map<string, string>();
  const onSteppedTime = ({ sql, args }: Statement): Statement => {
    let text = stepped.get(sql);
    if (text === undefined) stepped.set(sql, (text = replaceTime(mutated(sql, mutant))));
    return { sql: text, args };
  };
  const passing = (ms: number): Statement => ({ sql: "UPDATE stepped_clock SET now_ms = now_ms + :ms", args: { ms } });
  return {
    read: (statements) => database.read(statements.map(onSteppedTime)),
    batch: (statements) => database.batch(statements.map(onSteppedTime)),
    batchWithLapse: async (statements, ms) => {
      const [first, ...others] = statements.map(onSteppedTime);
      if (first === undefined) return [];
      const [ofFirst = [], , ...ofOthers] = await database.batch([first, passing(ms), ...others]);
      return [ofFirst, ...ofOthers];
    },
    advance: async (ms) => {
      if (ms > 0) await database.batch([passing(ms)]);
    },
    close: () => database.close(),
  };
}

async function triggersOnSteppedTime(database: Database): Promise<Statement[]> {
  const [triggers = []] = await database.read([plain("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")]);
  return triggers.flatMap(({ name, sql }) => [plain(`DROP TRIGGER ${name}`), plain(replaceTime(String(sql)))]);
}

function mutated(sql: string, mutant: Mutant | null): string {
  return mutant === null || !sql.includes(mutant.of) ? sql : sql.replaceAll(mutant.from, mutant.to);
}

function replaceTime(sql: string): string {
  const text = sql.replaceAll(NOW, STEPPED_NOW);
  if (ANY_TIME.test(text)) throw new Error(`this takes the time from elsewhere: ${sql}`);
  return text;
}

function plain(sql: string): Statement {
  return { sql, args: {} };
}
