import { type ErrorCode, ruleOfError } from "../../core/errors.ts";

/** 0: done. Every other exit status comes from an error's code, or from the signal that stopped the command. */
export const DONE = 0;

/** The exit status of a command that an error ended. */
export function exitCodeOf(code: ErrorCode): number {
  return ruleOfError(code).exitCode;
}

/** The exit status when an image is FAILED: 1, but what the machine cannot do or waits for keeps its own. */
export function exitCodeOfFailed(code: ErrorCode | undefined): number {
  const own = code === undefined ? 1 : exitCodeOf(code);
  return own >= 5 ? own : 1;
}

export type StopSignalName = "SIGINT" | "SIGTERM";

/** As a shell reports a process that a signal ended. */
export function exitCodeOfSignal(signal: StopSignalName): number {
  return signal === "SIGINT" ? 130 : 143;
}
