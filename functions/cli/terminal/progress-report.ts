import type { ImageJson } from "../../http/wire.ts";
import { formatDuration } from "./format.ts";
import { plainText } from "./plain-text.ts";
import { progressLine } from "./progress-line.ts";
import { rateMeter } from "./rate-meter.ts";

/** Where an image's progress is shown while somebody waits for it. */
export interface ProgressReport {
  readonly show: (image: ImageJson) => void;
  /** Leaves the cursor at the beginning of an empty line. */
  readonly end: () => void;
}

/** The part of a stream that a report needs. */
export interface ReportStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** On a terminal one line that is redrawn, elsewhere one line for each change of state or error. */
export function progressReport(stream: ReportStream): ProgressReport {
  return stream.isTTY ? redrawnLine(stream) : linePerChange(stream);
}

function redrawnLine(stream: ReportStream): ProgressReport {
  let meter = rateMeter();
  let state: string | null = null;
  let sinceMs = 0;
  let shown = "";
  return {
    show: (image) => {
      const nowMs = performance.now();
      if (image.state !== state) {
        meter = rateMeter();
        state = image.state;
        sinceMs = nowMs;
      }
      if (image.progress !== null) meter.enter(image.progress.doneBytes, nowMs);
      const pace = { bytesPerSecond: meter.bytesPerSecond(), elapsedMs: nowMs - sinceMs };
      // one column stays free: a full last column would wrap on some terminals
      const line = progressLine(image, pace, (stream.columns ?? 80) - 1);
      if (line !== shown) stream.write(`\r${line}\u001b[K`);
      shown = line;
    },
    end: () => {
      if (shown !== "") stream.write("\r\u001b[K");
      shown = "";
    },
  };
}

function linePerChange(stream: ReportStream): ProgressReport {
  let last = "";
  return {
    show: (image) => {
      const line = changeLine(image);
      if (line !== last) stream.write(`${line}\n`);
      last = line;
    },
    end: () => {},
  };
}

/** What somebody who reads a log wants to know of an image, in one line that is the same until that changes. */
export function changeLine(image: ImageJson): string {
  const { name, state, error, attempt, dueAtMs, worker, updatedAtMs } = image;
  if (error === null) return `${name}: ${state}`;
  const again = worker === null && dueAtMs !== null ? `, again in ${formatDuration(dueAtMs - updatedAtMs)}` : "";
  return `${name}: ${state}, attempt ${attempt}: ${plainText(error.message)} (${error.code})${again}`;
}
