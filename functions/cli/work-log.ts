import type { LogLevel } from "../../core/settings.ts";
import type { WorkEvent } from "../runtimes/runtime.ts";
import { printRecord, tell } from "./terminal/output.ts";
import { eventLine } from "./views/event-line.ts";

/** A worker's log: a line on stderr for each transition and failed attempt, or a JSON line on stdout. */
export function workLog(isJson: boolean, level: LogLevel): (event: WorkEvent) => void {
  const isQuiet = level === "warn" || level === "error";
  return (event) => {
    const at = new Date();
    if (isJson) printRecord({ atMs: at.getTime(), ...event });
    else if (event.error !== null || !isQuiet) tell(eventLine(event, at));
  };
}
