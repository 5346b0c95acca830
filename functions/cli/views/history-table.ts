import type { HistoryEntryJson } from "../../http/wire.ts";
import { formatDuration, formatTime } from "../terminal/format.ts";
import { plainText } from "../terminal/plain-text.ts";
import { table } from "../terminal/table.ts";

const TITLES = ["WHEN", "FROM", "TO", "MOVE", "TRY", "TOOK", "NODE", "WORKER", "ERROR"];

/** Transitions and attempts as a table, oldest first; with `isNumbered` each incarnation of the name has its number. */
export function historyTable(entries: readonly HistoryEntryJson[], isNumbered: boolean, width?: number): string[] {
  const incarnations = [...new Set(entries.map(({ incarnation }) => incarnation))];
  const rows = entries.map((entry) => [
    ...(isNumbered ? [String(incarnations.indexOf(entry.incarnation) + 1)] : []),
    formatTime(entry.startedAtMs),
    entry.fromState ?? "-",
    entry.toState,
    entry.move,
    String(entry.attempt),
    formatDuration(entry.durationMs),
    entry.node,
    entry.worker,
    entry.error === null ? "" : plainText(`${entry.error.message} (${entry.error.code})`),
  ]);
  return table(isNumbered ? ["#", ...TITLES] : TITLES, rows, width);
}
