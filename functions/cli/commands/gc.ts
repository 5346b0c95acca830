import { formatBytes } from "../../../core/format-bytes.ts";
import type { GcJson } from "../../http/wire.ts";
import { DONE, exitCodeOf } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";
import { printDocument, printLine, printLines } from "../terminal/output.ts";
import { plainText } from "../terminal/plain-text.ts";
import { table } from "../terminal/table.ts";

/** Removes what no image refers to, or says what would go. */
export async function run(invocation: Invocation): Promise<number> {
  return withStore(invocation, async ({ client }) => {
    const gc = await client.gc({ dryRun: invocation.isOn("dry-run"), blobs: invocation.isOn("blobs") });
    if (invocation.isJson) printDocument(gc);
    else show(gc);
    return gc.underWay ? exitCodeOf("TIMED_OUT") : DONE;
  });
}

function show({ dryRun, underWay, removed, freedBytes }: GcJson): void {
  if (underWay) {
    printLine("the collection goes on at the server");
    return;
  }
  const rows = removed.map(({ kind, name, sizeBytes }) => [
    kind,
    sizeBytes === null ? "-" : formatBytes(sizeBytes),
    plainText(name),
  ]);
  if (rows.length > 0) printLines(table(["KIND", "SIZE", "NAME"], rows));
  printLine(`${removed.length} ${dryRun ? "would be removed" : "removed"}, ${formatBytes(freedBytes)}`);
}
