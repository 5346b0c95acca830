import { otherNamespace } from "../../cron/other-namespace.ts";
import { DONE, exitCodeOf } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { reportError } from "../report-error.ts";
import { withStore } from "../store.ts";
import { printDocument, printLines } from "../terminal/output.ts";
import { sweepLines } from "../views/event-line.ts";

/** Makes at most one transition for each image that is due, and prints what moved. */
export async function run(invocation: Invocation): Promise<number> {
  const concurrency = invocation.number("concurrency");
  return withStore(invocation, async ({ client }) => {
    const sweep = await client.sweep(concurrency === undefined ? {} : { concurrency });
    if (invocation.isJson) printDocument(sweep);
    else printLines(sweepLines(sweep));
    if (sweep.unjudged === 0) return DONE;
    const error = otherNamespace(sweep.unjudged);
    reportError(error, false);
    return exitCodeOf(error.code);
  });
}
