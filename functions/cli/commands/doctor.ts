import { ImgstoreError } from "../../../core/errors.ts";
import type { Diagnosis } from "../../runtimes/runtime.ts";
import { DONE, exitCodeOf } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { withRuntime } from "../store.ts";
import { paint, printDocument, printLine } from "../terminal/output.ts";
import { plainText } from "../terminal/plain-text.ts";

/** Prints what this machine can do, found by trying; exit status 6 where not even the store can be opened. */
export async function run(invocation: Invocation): Promise<number> {
  try {
    return await withRuntime(invocation, async (runtime) => {
      show(await runtime.diagnose(), invocation.isJson);
      return DONE;
    });
  } catch (error) {
    if (!(error instanceof ImgstoreError) || exitCodeOf(error.code) !== 6) throw error;
    show([{ subject: "store", ok: false, detail: error.message, hint: error.hint }], invocation.isJson);
    return exitCodeOf(error.code);
  }
}

function show(diagnoses: readonly Diagnosis[], isJson: boolean): void {
  if (isJson) {
    printDocument({ diagnoses });
    return;
  }
  const width = Math.max(...diagnoses.map(({ subject }) => subject.length));
  for (const { subject, ok, detail, hint } of diagnoses) {
    const mark = ok ? paint("green", "yes") : paint("red", "no ");
    printLine(`${mark}  ${subject.padEnd(width)}  ${plainText(detail)}`);
    if (hint !== null) printLine(`${" ".repeat(width + 7)}${plainText(hint)}`);
  }
}
