import { formatBytes } from "../../../core/format-bytes.ts";
import type { ImageJson } from "../../http/wire.ts";
import { formatDuration, formatTime } from "../terminal/format.ts";
import { plainText } from "../terminal/plain-text.ts";

/** One image in full, a line for each thing there is to say. */
export function imageView(image: ImageJson, nowMs: number): string[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ["state", stateOf(image, nowMs)],
    ["target", image.target],
    ["waits", waitOf(image, nowMs)],
    ["progress", progressOf(image)],
    ["error", errorOf(image, nowMs)],
    ["hint", image.error?.hint ?? null],
    ["mount", mountOf(image)],
    ["source", image.source],
    ["checksum", image.checksum],
    ["size", image.sizeBytes === null ? null : formatBytes(image.sizeBytes)],
    ...image.layers.map((layer) => ["layer", layerOf(layer)] as const),
    ["node", image.node],
    ["created", since(image.createdAtMs, nowMs)],
  ];
  const said = rows.flatMap(([title, text]) => (text === null ? [] : [`  ${title.padEnd(8)}  ${plainText(text)}`]));
  return [image.name, ...said];
}

/** Where an image is, in a sentence: the last line of a command that brought it there. */
export function whereabouts(image: ImageJson): string {
  const { name, state, mountPoint, sizeBytes } = image;
  if (mountPoint !== null) return `${name} is ${state} at ${plainText(mountPoint)}`;
  return sizeBytes === null ? `${name} is ${state}` : `${name} is ${state} (${formatBytes(sizeBytes)})`;
}

function stateOf({ state, worker, attempt, stateSinceMs }: ImageJson, nowMs: number): string {
  const holder = worker === null ? "" : `, ${attempt > 1 ? `attempt ${attempt} ` : ""}by ${worker}`;
  return `${state} since ${since(stateSinceMs, nowMs)}${holder}`;
}

/** Why nothing moves, where an image is on its way and nobody makes its move. */
function waitOf({ worker, waitsFor, dueAtMs, error }: ImageJson, nowMs: number): string | null {
  if (worker !== null || dueAtMs === null) return null;
  if (waitsFor !== null) {
    const [kind = "", ...digest] = waitsFor.split(/:(?=sha256:)/);
    return `for another image, which ${kind === "blob" ? "fetches" : "unpacks"} ${digest.join(":")}`;
  }
  if (error?.code === "NO_SPACE") return "for room";
  return dueAtMs > nowMs ? null : "for a worker: `imgstore worker` or a sweep makes its next move";
}

function progressOf({ progress }: ImageJson): string | null {
  if (progress === null) return null;
  const { doneBytes, totalBytes } = progress;
  if (totalBytes === null || totalBytes === 0) return formatBytes(doneBytes);
  const percent = Math.floor((100 * doneBytes) / totalBytes);
  return `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)} (${percent} %)`;
}

function errorOf({ error, worker, attempt, dueAtMs }: ImageJson, nowMs: number): string | null {
  if (error === null) return null;
  const isWaiting = worker === null && dueAtMs !== null;
  const again = isWaiting ? `; attempt ${attempt + 1} in ${formatDuration(dueAtMs - nowMs)}` : "";
  return `${error.message} (${error.code})${again}`;
}

function mountOf({ mountPoint, driver, mountOptions }: ImageJson): string | null {
  if (mountPoint === null) return null;
  return `${mountPoint} (${[driver ?? "", ...mountOptions].filter((word) => word !== "").join(", ")})`;
}

function layerOf({ digest, diffId, sizeBytes }: ImageJson["layers"][number]): string {
  const size = sizeBytes === null ? "" : ` (${formatBytes(sizeBytes)})`;
  return `${digest}${size}${diffId === null ? "" : `, unpacked ${diffId}`}`;
}

function since(atMs: number, nowMs: number): string {
  return `${formatTime(atMs)} (${formatDuration(nowMs - atMs)} ago)`;
}
