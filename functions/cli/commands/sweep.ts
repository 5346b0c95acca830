import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
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
    return DONE;
  });
}
