import type { ImageJson } from "../http/wire.ts";
import type { Client } from "./client.ts";
import { DONE } from "./exit-codes.ts";
import { listenForStop } from "./stop-request.ts";
import { printLine, printRecord } from "./terminal/output.ts";
import { changeLine } from "./terminal/progress-report.ts";
import { cut } from "./terminal/table.ts";
import { imageTable } from "./views/image-table.ts";
import { imageView } from "./views/image-view.ts";
import { pause, untilAborted } from "./wait.ts";

const LOOK_EVERY_MS = 500;

/**
 * Shows an image, or all, whenever something of it has changed, until stopped: on a terminal redrawn in place, elsewhere
 * a line for each change, with `isJson` the image as JSON line.
 * @throws {ImgstoreError} NO_SUCH_IMAGE, at the beginning or when it is gone
 */
export async function watchImages(client: Client, name: string | undefined, isJson: boolean): Promise<number> {
  const stop = listenForStop();
  const show = isJson ? recordPerChange() : process.stdout.isTTY ? redrawn(name) : linePerChange();
  try {
    while (!stop.signal.aborted) {
      const images = await untilAborted(name === undefined ? client.list({}) : one(client, name), stop.signal);
      if (typeof images !== "symbol") show(images);
      await pause(LOOK_EVERY_MS, stop.signal);
    }
    return DONE;
  } finally {
    stop.end();
  }
}

async function one(client: Client, name: string): Promise<ImageJson[]> {
  return [await client.get(name)];
}

type Show = (images: readonly ImageJson[]) => void;

function recordPerChange(): Show {
  return perChange((image) => JSON.stringify(image), printRecord);
}

function linePerChange(): Show {
  return perChange(changeLine, (image) => printLine(changeLine(image)));
}

function perChange(gist: (image: ImageJson) => string, print: (image: ImageJson) => void): Show {
  const shown = new Map<string, string>();
  return (images) => {
    for (const image of images) {
      const now = gist(image);
      if (shown.get(image.name) !== now) print(image);
      shown.set(image.name, now);
    }
  };
}

function redrawn(name: string | undefined): Show {
  let height = 0;
  return (images) => {
    const { columns, rows } = process.stdout;
    const nowMs = Date.now();
    const lines = name === undefined ? imageTable(images, nowMs) : images.flatMap((image) => imageView(image, nowMs));
    // what does not fit would scroll, and could not be drawn over again
    const visible = lines.slice(0, rows - 1).map((line) => `${cut(line, columns - 1)}\n`);
    const back = height === 0 ? "" : `\u001b[${height}A`;
    process.stdout.write(`${back}\u001b[J${visible.join("")}`);
    height = visible.length;
  };
}
