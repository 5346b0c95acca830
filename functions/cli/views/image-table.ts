import { formatBytes } from "../../../core/format-bytes.ts";
import type { ImageJson } from "../../http/wire.ts";
import { formatAge } from "../terminal/format.ts";
import { plainText } from "../terminal/plain-text.ts";
import { table } from "../terminal/table.ts";

const TITLES = ["NAME", "STATE", "SINCE", "TARGET", "NOTE", "SIZE", "NODE", "AGE", "SOURCE"];

/** Images as a table, one line each under a line of titles; `width` as for `table`. */
export function imageTable(images: readonly ImageJson[], nowMs: number, width?: number): string[] {
  const rows = images.map((image) => [
    image.name,
    image.state,
    formatAge(nowMs - image.stateSinceMs),
    image.target,
    noteOf(image),
    sizeOf(image),
    image.node,
    formatAge(nowMs - image.createdAtMs),
    plainText(image.source),
  ]);
  return table(TITLES, rows, width);
}

/** What stands in an image's way, in one word. */
function noteOf({ error, waitsFor }: ImageJson): string {
  return error?.code ?? (waitsFor === null ? "-" : "waits");
}

function sizeOf({ sizeBytes, progress }: ImageJson): string {
  if (sizeBytes !== null) return formatBytes(sizeBytes);
  return progress?.totalBytes ? formatBytes(progress.totalBytes) : "-";
}
