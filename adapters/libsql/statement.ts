import type { SqlValue, Statement } from "./database.ts";

/** More than one statement needs; each takes what its text names. */
export type Args = Readonly<Record<string, SqlValue>>;

const PARAMETER = /:([a-z_]+)/g;
const parametersOf = new Map<string, readonly string[]>();

/**
 * A statement with those of `args` that its text names. SQLite binds NULL to a parameter that nobody gave, silently:
 * here it is a programmer's error.
 */
export function statement(sql: string, args: Args): Statement {
  const named: Record<string, SqlValue> = {};
  for (const name of namesIn(sql)) {
    const value = args[name];
    if (value === undefined) throw new Error(`no value for :${name} in ${sql}`);
    named[name] = value;
  }
  return { sql, args: named };
}

function namesIn(sql: string): readonly string[] {
  const known = parametersOf.get(sql);
  if (known !== undefined) return known;
  const names = [...new Set(Array.from(sql.matchAll(PARAMETER), ([, name]) => name ?? ""))];
  parametersOf.set(sql, names);
  return names;
}
