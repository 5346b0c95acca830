import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../../core/settings.ts";

/** JSON lines on stderr. */
export interface Log {
  readonly error: (message: string, error: Error) => void;
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

export function createLog(level: LogLevel): Log {
  const write = (at: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void => {
    if (LOG_LEVELS.indexOf(at) < LOG_LEVELS.indexOf(level)) return;
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level: at, message, ...fields })}\n`);
  };
  return {
    error: (message, error) => write("error", message, { error: describe(error, level) }),
    info: (message, fields = {}) => write("info", message, fields),
  };
}

function describe(error: Error, level: LogLevel): Readonly<Record<string, unknown>> {
  const { message, cause } = error;
  return {
    message,
    ...(error instanceof ImgstoreError ? { code: error.code } : {}),
    ...(cause === undefined ? {} : { cause: asImgstoreError(cause).message }),
    // A trace is for whoever looks for a fault of ours, never for the person at the command line.
    ...(level === "debug" ? { stack: (cause instanceof Error ? cause : error).stack } : {}),
  };
}
