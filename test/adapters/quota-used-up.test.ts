import { expect, test } from "vitest";
import { storeError } from "../../adapters/blobs/store-error.ts";
import { unpackError } from "../../adapters/layers/tree/unpack-error.ts";
import { fileError } from "../../adapters/mounts/file-errors.ts";

/** As Node reports EDQUOT, for which it has no name. */
function quotaUsedUp(): Error {
  const code = "Unknown system error -122";
  return Object.assign(new Error(`${code}: ${code}, write`), { errno: -122, code, syscall: "write" });
}

test.each<[string, (error: Error) => unknown]>([
  ["fileError", (error) => fileError(error, "write a file")],
  ["storeError", (error) => storeError("write a file", error)],
  ["unpackError", (error) => unpackError(error, null)],
])("%s knows a quota that is used up, which Node has no name for, as NO_SPACE", (_name, translate) => {
  expect(translate(quotaUsedUp())).toMatchObject({ code: "NO_SPACE" });
});
