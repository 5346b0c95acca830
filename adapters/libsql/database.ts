/** What a column or a parameter holds. Numbers are whole numbers within 2^53. */
export type SqlValue = string | number | null;

export type Row = Readonly<Record<string, SqlValue>>;

/** One SQL statement with its named parameters (`:name` in the text, `name` here). */
export interface Statement {
  readonly sql: string;
  readonly args: Readonly<Record<string, SqlValue>>;
}

/**
 * A libSQL database, as an embedded file or a server: two verbs, no interactive transactions. Both answer with the rows
 * of each statement, in order; what a statement changed is told by its RETURNING, never by a count.
 *
 * Errors: DATABASE_BUSY and DATABASE_UNREACHABLE (nothing was applied, or the verdict has to be asked for), NO_SPACE,
 * IO_ERROR, ROOT_NOT_WRITABLE, NOT_A_DATABASE.
 */
export interface Database {
  /** Reads, all from one snapshot. */
  read(statements: readonly Statement[]): Promise<Row[][]>;

  /** Writes, all or nothing, in one round trip; durable when it returns. */
  batch(statements: readonly Statement[]): Promise<Row[][]>;

  /** Gives the connection up. Nothing may follow. */
  close(): Promise<void>;
}
