import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";
import { printDocument, printLines, terminalWidth } from "../terminal/output.ts";
import { historyTable } from "../views/history-table.ts";

/** Prints every transition and every attempt of an image. */
export async function run(invocation: Invocation): Promise<number> {
  const isAll = invocation.isOn("all");
  return withStore(invocation, async ({ client }) => {
    const entries = await client.history(invocation.argument("NAME"), isAll ? "all" : "latest");
    if (invocation.isJson) printDocument(entries);
    else printLines(historyTable(entries, isAll, terminalWidth()));
    return DONE;
  });
}
