import type { SweepJson } from "../../http/wire.ts";
import type { WorkEvent } from "../../runtimes/runtime.ts";
import { formatDuration } from "../terminal/format.ts";
import { plainText } from "../terminal/plain-text.ts";

/** A transition or a failed attempt of the worker, as a line of its log. */
export function eventLine(event: WorkEvent, at: Date): string {
  const { name, move, toState, error, durationMs } = event;
  const end = toState === null ? "no move" : `-> ${toState}`;
  const why = error === null ? "" : `: ${plainText(error.message)} (${error.code})`;
  return `${at.toISOString()} ${name} ${move} ${end} ${formatDuration(durationMs)}${why}`;
}

/** What one sweep did, a line for each transition and each failed attempt. */
export function sweepLines({ moved, failed }: SweepJson): string[] {
  return [
    ...moved.map(({ name, move, toState }) => `${name}: ${move} -> ${toState}`),
    ...failed.map(({ name, move, error }) => `${name}: ${move}: ${plainText(error.message)} (${error.code})`),
  ];
}
