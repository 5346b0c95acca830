import { exitCodeOfSignal, type StopSignalName } from "./exit-codes.ts";

/** A wish to stop: of a person, of a service manager, of a reader of our output that went away, or of the clock. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** Null until it came. */
  readonly cause: () => StopCause | null;
  /** Stops listening: signals do again what they do by themselves. */
  readonly end: () => void;
}

export type StopCause = StopSignalName | "closed-output" | "timeout";

/** When a process that was asked to stop ends whatever it still does, in milliseconds; its claims are given up by then. */
const LONGEST_STOP_MS = 9000;

/** One Ctrl-C may arrive twice within this time, in milliseconds: from the terminal, and passed on by npm. */
const SAME_WISH_MS = 150;

/**
 * Listens for SIGINT, SIGTERM, a closed stdout, and the end of `timeoutMs`. The first fires the signal; a further SIGINT
 * or SIGTERM ends the process at once, and its leases run out by themselves.
 */
export function listenForStop(timeoutMs?: number): StopRequest {
  const controller = new AbortController();
  let cause: StopCause | null = null;
  let causedAtMs = 0;
  const stopFor = (reason: StopCause): void => {
    cause ??= reason;
    causedAtMs = performance.now();
    controller.abort();
  };
  const onSignal = (name: StopSignalName): void => {
    const isRepeated = cause === "SIGINT" || cause === "SIGTERM";
    if (!isRepeated) {
      stopFor(name);
      // Keeps nothing alive: it is only there for what does.
      setTimeout(() => process.exit(exitCodeOfSignal(name)), LONGEST_STOP_MS).unref();
    } else if (performance.now() - causedAtMs > SAME_WISH_MS) process.exit(exitCodeOfSignal(name));
  };
  const onInterrupt = (): void => onSignal("SIGINT");
  const onTerminate = (): void => onSignal("SIGTERM");
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code === "EPIPE") stopFor("closed-output");
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stopFor("timeout"), timeoutMs);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.stdout.on("error", onOutputError);
  return {
    signal: controller.signal,
    cause: () => cause,
    end: () => {
      clearTimeout(timer);
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      process.stdout.off("error", onOutputError);
    },
  };
}
