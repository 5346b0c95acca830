import type { Runtime } from "../../runtimes/runtime.ts";
import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { listenForStop } from "../stop-request.ts";
import { withRuntime } from "../store.ts";
import { printLine, printRecord } from "../terminal/output.ts";
import { aborted, untilAborted } from "../wait.ts";
import { workLog } from "../work-log.ts";
import { DEFAULT_CONCURRENCY } from "./worker.ts";

/** Serves the HTTP functions until stopped; with `--worker` also makes whatever transition is due. */
export async function run(invocation: Invocation): Promise<number> {
  return withRuntime(invocation, async (runtime, close) => {
    const stop = listenForStop();
    try {
      await serve(invocation, runtime, stop.signal, close);
      return DONE;
    } finally {
      stop.end();
    }
  });
}

async function serve(
  invocation: Invocation,
  runtime: Runtime,
  signal: AbortSignal,
  close: () => Promise<void>,
): Promise<void> {
  const listening = await runtime.serve();
  if (invocation.isJson) printRecord({ url: listening.url });
  else printLine(`listening on ${listening.url}`);
  const working: Promise<unknown> = invocation.isOn("worker") ? work(invocation, runtime, signal) : aborted(signal);
  try {
    // a worker that ends without being told to takes the server with it: a service manager starts both anew
    await untilAborted(working, signal);
  } finally {
    // together: requests that wait for an act are answered when it has been stopped
    await Promise.all([listening.close(), close()]);
  }
  await working;
}

function work(invocation: Invocation, runtime: Runtime, signal: AbortSignal): Promise<void> {
  const concurrency = invocation.number("concurrency") ?? DEFAULT_CONCURRENCY;
  return runtime.work({ once: false, concurrency, signal, onEvent: workLog(invocation.isJson, runtime.settings.log) });
}
