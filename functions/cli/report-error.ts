import type { ImgstoreError } from "../../core/errors.ts";
import { paintForStderr, tell } from "./terminal/output.ts";
import { plainText } from "./terminal/plain-text.ts";

/**
 * Says on stderr what failed, its code, and what the person can do. The only place that prints errors; a stack trace is
 * never shown, the chain of causes only with `isDebug`.
 */
export function reportError(error: Pick<ImgstoreError, "code" | "message" | "hint">, isDebug: boolean): void {
  tell(`${paintForStderr("red", "imgstore:")} ${plainText(error.message)} (${error.code})`);
  if (error.hint !== null) tell(`  hint: ${plainText(error.hint)}`);
  if (isDebug && "cause" in error) tellCauses(error.cause);
}

function tellCauses(first: unknown): void {
  for (let cause = first; cause instanceof Error; cause = cause.cause) {
    tell(`  caused by: ${plainText(`${cause.name}: ${cause.message}`)}`);
  }
}
