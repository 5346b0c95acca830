import { ImgstoreError } from "./errors.ts";

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?$/;

/**
 * An image's name as it was given, once it is known to be one: it is also a path component and a mount's key.
 * @throws {ImgstoreError} INVALID_NAME
 */
export function parseName(name: string): string {
  if (NAME.test(name)) return name;
  throw new ImgstoreError("INVALID_NAME", `"${printable(name)}" is not an image name`, {
    hint: "1 to 128 of a-z, 0-9, dot, underscore and hyphen, beginning and ending with a letter or a digit",
  });
}

/** A string as it may be shown on a terminal: control characters escaped, at most 200 characters. */
export function printable(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return JSON.stringify(short)
    .slice(1, -1)
    .replaceAll(
      /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
