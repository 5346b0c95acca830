import { ImgstoreError } from "../../core/errors.ts";
import { codeOf } from "../linux/errno.ts";

/**
 * A failed file operation under the store's root as this product's error; anything else comes back as it is.
 * @param action what could not be done, as `make the writable layer of "web"`
 */
export function fileError(error: unknown, action: string): unknown {
  const code = codeOf(error);
  if (error instanceof ImgstoreError || !(error instanceof Error) || code === null) return error;
  const message = `cannot ${action}: ${error.message}`;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new ImgstoreError("NO_SPACE", message, {
        cause: error,
        hint: "free space or inodes under the store's root",
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new ImgstoreError("ROOT_NOT_WRITABLE", message, { cause: error, hint: "run as the owner of the store" });
    default:
      return new ImgstoreError("IO_ERROR", message, { cause: error });
  }
}
