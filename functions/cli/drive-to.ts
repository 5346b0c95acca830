import type { Target } from "../../core/lifecycle/image.ts";
import type { ImageJson } from "../http/wire.ts";
import { conclude } from "./conclude.ts";
import { DONE } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listenForStop, type StopRequest } from "./stop-request.ts";
import type { Store } from "./store.ts";
import { printDocument, printLine } from "./terminal/output.ts";
import { whereabouts } from "./views/image-view.ts";
import { waitForImage } from "./wait-for-image.ts";

/**
 * Runs what begins a journey, and then, unless `--no-wait` was given, drives the image to its target and says where it
 * ended. `begin` may itself wait until `stop` fires.
 * @param wanted null: the target that the image has
 * @returns the exit status
 */
export async function driveTo(
  invocation: Invocation,
  store: Store,
  wanted: Target | null,
  begin: (stop: StopRequest) => Promise<ImageJson | number>,
): Promise<number> {
  const timeoutS = invocation.number("timeout");
  const stop = listenForStop(timeoutS === undefined ? undefined : timeoutS * 1000);
  try {
    const image = await begin(stop);
    if (typeof image === "number") return image;
    if (!invocation.isOn("wait", true)) return showUnderWay(image, invocation.isJson);
    return await finish(invocation, store, stop, image, wanted ?? image.target);
  } finally {
    stop.end();
  }
}

/** Drives on and says where it ended; for those who have begun already. */
export async function finish(
  invocation: Invocation,
  store: Store,
  stop: StopRequest,
  image: ImageJson,
  wanted: Target,
): Promise<number> {
  const { client } = store;
  const arrival = await waitForImage({ client, image, wanted, signal: stop.signal, stream: process.stderr });
  // before anything is said of it: what this process holds is settled or released then
  if (arrival.kind === "stopped") await store.close();
  return conclude({ arrival, wanted, isJson: invocation.isJson, cause: stop.cause() });
}

function showUnderWay(image: ImageJson, isJson: boolean): number {
  if (isJson) printDocument(image);
  else if (image.state === image.target) printLine(whereabouts(image));
  else printLine(`${image.name} is ${image.state}; \`imgstore worker\` takes it to ${image.target}`);
  return DONE;
}
