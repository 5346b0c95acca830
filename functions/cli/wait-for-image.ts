import type { Target } from "../../core/lifecycle/image.ts";
import type { ImageJson } from "../http/wire.ts";
import type { Client } from "./client.ts";
import { type Arrival, drive } from "./drive.ts";
import { progressReport, type ReportStream } from "./terminal/progress-report.ts";
import { pause } from "./wait.ts";

/** On a terminal the image is looked at this often for its progress, in milliseconds. */
const LOOK_EVERY_MS = 250;

export interface Waiting {
  readonly client: Client;
  readonly image: ImageJson;
  readonly wanted: Target;
  readonly signal: AbortSignal;
  /** Where the progress is shown. */
  readonly stream: ReportStream;
}

/** Drives an image to its target and shows how it gets on. */
export async function waitForImage({ client, image, wanted, signal, stream }: Waiting): Promise<Arrival> {
  const report = progressReport(stream);
  const arrived = new AbortController();
  const looks = stream.isTTY ? look(client, image.name, report.show, arrived.signal) : null;
  try {
    return await drive({ client, image, wanted, signal, onLook: report.show });
  } finally {
    arrived.abort();
    await looks;
    report.end();
  }
}

// A transition in this process answers only when its act has ended: what it does meanwhile is seen by looking.
async function look(
  client: Client,
  name: string,
  show: (image: ImageJson) => void,
  signal: AbortSignal,
): Promise<void> {
  let mayLook = true;
  while (mayLook) {
    await pause(LOOK_EVERY_MS, signal);
    // what fails here fails in the drive, too, which says so; only the picture stands still
    const image = signal.aborted ? null : await client.find(name).catch(() => null);
    mayLook = !signal.aborted;
    if (image !== null && mayLook) show(image);
  }
}
