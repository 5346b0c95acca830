import { type ErrorCode, ImgstoreError } from "../../core/errors.ts";
import type { Target } from "../../core/lifecycle/image.ts";
import type { ImageJson } from "../http/wire.ts";
import type { Arrival } from "./drive.ts";
import { DONE, exitCodeOf, exitCodeOfFailed, exitCodeOfSignal } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";
import type { StopCause } from "./stop-request.ts";
import { printDocument, printLine, tell } from "./terminal/output.ts";
import { whereabouts } from "./views/image-view.ts";

export interface Conclusion {
  readonly arrival: Arrival;
  readonly wanted: Target;
  readonly isJson: boolean;
  /** Why the waiting was stopped, where it was. */
  readonly cause: StopCause | null;
}

/** Says where a journey ended, the image as JSON document or a line on stdout, errors on stderr; the exit status. */
export function conclude(conclusion: Conclusion): number {
  const { arrival, wanted, isJson, cause } = conclusion;
  const { image } = arrival;
  const shown = arrival.kind === "gone" ? { ...image, state: "REMOVED", mountPoint: null, dueAtMs: null } : image;
  if (isJson) printDocument(shown);
  switch (arrival.kind) {
    case "reached":
      if (!isJson) printLine(whereabouts(image));
      return DONE;
    case "gone":
      if (wanted !== "REMOVED") return report(goneError(image));
      if (!isJson) printLine(`${image.name} is removed`);
      return DONE;
    case "failed":
      report(failedError(image));
      return exitCodeOfFailed(image.error?.code);
    case "overruled":
      return report(overruledError(image, wanted));
    case "stopped":
      return stopped(image, cause);
  }
}

function report(error: ImgstoreError): number {
  reportError(error, false);
  return exitCodeOf(error.code);
}

function stopped(image: ImageJson, cause: StopCause | null): number {
  const resumption = `the same command or \`imgstore worker\` goes on from there; \`imgstore status ${image.name}\` shows it`;
  if (cause === "SIGINT" || cause === "SIGTERM") {
    tell(`imgstore: stopped; "${image.name}" is ${image.state}, and what is done is kept`);
    tell(`  hint: ${resumption}`);
    return exitCodeOfSignal(cause);
  }
  if (cause === "closed-output") return DONE;
  const code: ErrorCode = image.error?.code === "NO_SPACE" ? "NO_SPACE" : "TIMED_OUT";
  const why = image.error === null ? "" : `: ${image.error.message}`;
  return report(
    new ImgstoreError(code, `the time is up and "${image.name}" is still ${image.state}${why}`, { hint: resumption }),
  );
}

function goneError({ name }: ImageJson): ImgstoreError {
  return new ImgstoreError("NO_SUCH_IMAGE", `"${name}" was removed meanwhile`);
}

function failedError({ name, state, error }: ImageJson): ImgstoreError {
  const hint = error?.hint ?? `\`imgstore retry ${name}\` when the cause is gone`;
  return new ImgstoreError(error?.code ?? "INTERNAL", `"${name}" is ${state}: ${error?.message ?? "no reason kept"}`, {
    hint,
  });
}

function overruledError({ name, state, target, error }: ImageJson, wanted: Target): ImgstoreError {
  // it could not be unmounted, and stays as it was
  if (error?.code === "IN_USE" || error?.code === "OTHER_NAMESPACE") {
    return new ImgstoreError(error.code, `"${name}" is still ${state}: ${error.message}`, {
      hint: error.hint ?? "end what uses it, or detach it with --force",
    });
  }
  return new ImgstoreError("LOST_RACE", `the target of "${name}" was changed from ${wanted} to ${target} meanwhile`, {
    hint: `\`imgstore status ${name}\` shows where it goes`,
  });
}
