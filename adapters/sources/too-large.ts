import { ImgstoreError } from "../../core/errors.ts";
import { LIMIT_SETTINGS } from "../../core/limits.ts";

/** The refusal of an object by its announced length, before its first byte is taken. */
export function tooLarge(shownSource: string, totalBytes: number, maxBytes: number): ImgstoreError {
  return new ImgstoreError("IMAGE_TOO_LARGE", `"${shownSource}" has ${totalBytes} bytes, more than ${maxBytes}`, {
    hint: `raise ${LIMIT_SETTINGS.maxImageBytes} if an image of that size is meant`,
  });
}
