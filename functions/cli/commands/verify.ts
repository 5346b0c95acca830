import { formatBytes } from "../../../core/format-bytes.ts";
import type { VerifyJson } from "../../http/wire.ts";
import { DONE, exitCodeOf, exitCodeOfSignal } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { listenForStop } from "../stop-request.ts";
import { withStore } from "../store.ts";
import { printDocument, printLine, printLines, tell } from "../terminal/output.ts";
import { plainText } from "../terminal/plain-text.ts";
import { table } from "../terminal/table.ts";
import { ABORTED, untilAborted } from "../wait.ts";

/** Looks whether what is stored is what it should be; with `--repair` sends back what is not. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.optionalArgument("NAME");
  const repair = invocation.isOn("repair");
  return withStore(invocation, async ({ client, close }) => {
    const stop = listenForStop();
    try {
      const verifying = client.verify({ ...(name === undefined ? {} : { name }), ...(repair ? { repair } : {}) });
      const report = await untilAborted(verifying, stop.signal);
      if (report !== ABORTED) return show(report, invocation.isJson);
      // what is being unpacked for the comparison is removed before this ends
      await Promise.allSettled([close(), verifying]);
      return stop.cause() === "SIGTERM" ? exitCodeOfSignal("SIGTERM") : exitCodeOfSignal("SIGINT");
    } finally {
      stop.end();
    }
  });
}

function show(report: VerifyJson, isJson: boolean): number {
  if (isJson) printDocument(report);
  else if (report.underWay) printLine("the verification goes on at the server");
  else showReport(report);
  if (report.underWay) return exitCodeOf("TIMED_OUT");
  return report.damaged.length > 0 ? exitCodeOf("LAYER_DAMAGED") : DONE;
}

/** As much of a digest as tells it from others. */
const SHOWN_DIGEST = "sha256:".length + 12;

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function showReport({ checked, damaged, unverified, strays, repaired }: VerifyJson): void {
  const rows = [
    ...damaged.map(({ kind, images, problem }) => ["damaged", kind, images.join(" ") || "-", problem]),
    ...unverified.map(({ kind, digest, problem }) => ["unknown", kind, digest.slice(0, SHOWN_DIGEST), problem]),
    ...strays.map(({ kind, name }) => ["stray", kind, name, "no image has it: `imgstore gc` removes it"]),
  ];
  if (rows.length > 0)
    printLines(
      table(
        ["", "KIND", "OF", "PROBLEM"],
        rows.map((row) => row.map(plainText)),
      ),
    );
  const what = `${counted(checked.blobs, "blob")} and ${counted(checked.layers, "layer")}`;
  printLine(`${what} checked, ${formatBytes(checked.bytes)}: ${damaged.length} damaged`);
  if (damaged.length === 0) return;
  if (repaired) tell("sent back: a worker, a sweep or `imgstore fetch` makes them anew");
  else tell("hint: `imgstore verify --repair` has them made anew; what was written to the images stays");
}
