import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { listenForStop } from "../stop-request.ts";
import { type Store, withStore } from "../store.ts";
import { untilAborted } from "../wait.ts";
import { workLog } from "../work-log.ts";

/** Images at once, where nothing else is asked for. */
export const DEFAULT_CONCURRENCY = 4;

/** Makes whatever transition is due, here or at the server, until stopped. */
export async function run(invocation: Invocation): Promise<number> {
  return withStore(invocation, async (store) => {
    const stop = listenForStop();
    try {
      await work(invocation, store, stop.signal);
      return DONE;
    } finally {
      stop.end();
    }
  });
}

async function work(invocation: Invocation, store: Store, signal: AbortSignal): Promise<void> {
  const once = invocation.isOn("once");
  const concurrency = invocation.number("concurrency") ?? DEFAULT_CONCURRENCY;
  if (store.runtime !== null) {
    const onEvent = workLog(invocation.isJson, store.settings.log);
    const working = store.runtime.work({ once, concurrency, signal, onEvent });
    await untilAborted(working, signal);
    // the worker would see what is under way to its end: closing stops it at its next checkpoint
    await store.close();
    return working;
  }
  const { sweepThere } = await import("../sweep-there.ts");
  await sweepThere(store.client, { once, concurrency, signal, isJson: invocation.isJson });
}
