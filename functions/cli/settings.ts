import { ImgstoreError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { readSettings } from "../runtimes/settings.ts";
import type { Invocation } from "./invocation.ts";
import { flagsOf } from "./parse.ts";

/**
 * The settings of a command line: its flags laid over the environment.
 * @throws {ImgstoreError} INVALID_SETTING naming the flag, or the variable where that is to blame
 */
export function settingsOf(invocation: Invocation): Settings {
  try {
    return readSettings(invocation.overrides);
  } catch (error) {
    throw error instanceof ImgstoreError ? blamingFlag(error, invocation) : error;
  }
}

function blamingFlag(error: ImgstoreError, invocation: Invocation): ImgstoreError {
  const variable = error.message.split(" ")[0] ?? "";
  const blamed = Object.entries(flagsOf(invocation.command)).find(([, flag]) => flag.setting === variable);
  if (blamed === undefined || invocation.overrides[variable] === undefined) return error;
  return new ImgstoreError(error.code, `--${blamed[0]}${error.message.slice(variable.length)}`, {
    ...(error.hint === null ? {} : { hint: error.hint }),
    cause: error,
  });
}
