import { type Digest, parseDigest } from "../../core/digests.ts";
import { isErrorCode, type RecordedError } from "../../core/errors.ts";
import type { Row } from "./database.ts";

/** Whether a value is a row: an object. What its columns hold is checked where they are read. */
export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text in a column. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw unexpected(column, "text", value);
}

/** The number in a column. */
export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw unexpected(column, "a number", value);
}

/** The column read by `read`, or null where it is NULL. */
export function nullable<T>(row: Row, column: string, read: (row: Row, column: string) => T): T | null {
  return row[column] === null ? null : read(row, column);
}

/** The 0 or 1 in a column. */
export function flag(row: Row, column: string): boolean {
  return integer(row, column) !== 0;
}

/** The column's text, which is one of `words`. */
export function oneOf<T extends string>(row: Row, column: string, words: readonly T[]): T {
  const value = row[column];
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw unexpected(column, `one of ${words.join(", ")}`, value);
}

/** The digest in a column. */
export function digest(row: Row, column: string): Digest {
  return parseDigest(text(row, column));
}

/** The columns `error_code`, `error_message` and `error_hint`. A code that only newer code knows reads as INTERNAL. */
export function recordedError(row: Row): RecordedError | null {
  const code = nullable(row, "error_code", text);
  if (code === null) return null;
  return {
    code: isErrorCode(code) ? code : "INTERNAL",
    message: text(row, "error_message"),
    hint: nullable(row, "error_hint", text),
  };
}

function unexpected(column: string, wanted: string, value: unknown): Error {
  return new Error(`column ${column} holds ${JSON.stringify(value)} where ${wanted} was expected`);
}

/** Whether the last statement gave a row: how a statement says yes. */
export function hasLastRow(results: readonly Row[][]): boolean {
  return results.at(-1)?.[0] !== undefined;
}
