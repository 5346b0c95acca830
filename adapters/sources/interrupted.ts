import { ImgstoreError } from "../../core/errors.ts";

/** What a fetch ends in when its signal fires: nobody's fault, and the bytes so far are good. */
export function interrupted(shownSource: string, signal: AbortSignal): ImgstoreError {
  return new ImgstoreError("INTERRUPTED", `fetching "${shownSource}" was stopped`, { cause: signal.reason });
}
