import { formatBytes } from "../../../core/format-bytes.ts";
import type { ImageJson } from "../../http/wire.ts";
import { formatDuration, formatRate } from "./format.ts";
import { plainText } from "./plain-text.ts";
import { cut } from "./table.ts";

/** What the image does not say of its own progress. */
export interface Pace {
  readonly bytesPerSecond: number | null;
  /** How long it has been in its state. */
  readonly elapsedMs: number;
}

const BAR_WIDTH = 20;

/**
 * An image's progress as one line of at most `width` characters:
 * `web  DOWNLOADING  [========>           ]  42 %  12.3 MB of 29.1 MB  5.10 MB/s  3 s left`.
 */
export function progressLine(image: ImageJson, pace: Pace, width: number): string {
  const parts = [image.name, image.state, ...bytesOf(image, pace)];
  const isLong = pace.elapsedMs >= 1000;
  if (isLong && image.progress === null && image.error === null) parts.push(formatDuration(pace.elapsedMs));
  if (image.error !== null) parts.push(`attempt ${image.attempt}: ${plainText(image.error.message)}`);
  return cut(parts.join("  "), width);
}

function bytesOf({ progress }: ImageJson, { bytesPerSecond }: Pace): string[] {
  if (progress === null) return [];
  const { doneBytes, totalBytes } = progress;
  const rate = bytesPerSecond === null ? [] : [formatRate(bytesPerSecond)];
  if (totalBytes === null || totalBytes === 0) return [formatBytes(doneBytes), ...rate];
  const share = Math.min(1, doneBytes / totalBytes);
  const left =
    bytesPerSecond === null || bytesPerSecond <= 0
      ? []
      : [`${formatTimeLeft((totalBytes - doneBytes) / bytesPerSecond)} left`];
  return [
    bar(share),
    `${Math.floor(share * 100)} %`.padStart(5),
    `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
    ...rate,
    ...(share < 1 ? left : []),
  ];
}

/** In whole seconds: it is an estimate. */
function formatTimeLeft(seconds: number): string {
  return seconds < 10 ? `${Math.ceil(seconds)} s` : formatDuration(seconds * 1000);
}

function bar(share: number): string {
  const full = Math.floor(share * BAR_WIDTH);
  const head = full < BAR_WIDTH ? ">" : "";
  return `[${("=".repeat(full) + head).padEnd(BAR_WIDTH)}]`;
}
