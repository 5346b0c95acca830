import { describe, expect, test } from "vitest";
import { asImgstoreError, ERRORS, ImgstoreError, isErrorCode, recorded, ruleOfError } from "../../core/errors.ts";

const codes = Object.keys(ERRORS).filter(isErrorCode);

describe("ERRORS", () => {
  test.each(codes)("%s has a code in SCREAMING_SNAKE, an HTTP error status and an exit status from 1 to 6", (code) => {
    const rule = ruleOfError(code);
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    expect(rule.httpStatus).toBeGreaterThanOrEqual(400);
    expect(rule.httpStatus).toBeLessThan(600);
    expect([1, 2, 3, 4, 5, 6]).toContain(rule.exitCode);
    expect(["never", "backoff"]).toContain(rule.retry);
  });

  test.each([
    ["wrong usage", 2, ["USAGE", "INVALID_NAME", "INVALID_DIGEST", "INVALID_SOURCE", "INVALID_SETTING"]],
    ["no such image", 3, ["NO_SUCH_IMAGE"]],
    ["conflict", 4, ["NAME_TAKEN", "ILLEGAL_MOVE", "LOST_RACE", "LEASED", "IN_USE", "NOT_ACTIVE"]],
    ["still in progress", 5, ["TIMED_OUT", "NO_SPACE"]],
    ["the machine cannot", 6, ["NO_PRIVILEGE", "NO_DRIVER", "ROOT_NOT_WRITABLE", "ROOT_NOT_OURS", "NOT_A_DATABASE"]],
  ] as const)("%s is exit status %i", (_, exitCode, named) => {
    for (const code of named) expect(ruleOfError(code).exitCode).toBe(exitCode);
  });

  test("what was asked wrongly is never retried", () => {
    const asked = codes.filter((code) => ruleOfError(code).exitCode === 2);
    expect(asked.filter((code) => ruleOfError(code).retry !== "never")).toEqual([]);
  });

  test.each(["DIGEST_MISMATCH", "NOT_A_TAR", "UNSAFE_ARCHIVE", "SOURCE_NOT_FOUND", "IMAGE_ARCHIVE"] as const)(
    "%s is permanent",
    (code) => {
      expect(ruleOfError(code).retry).toBe("never");
    },
  );

  test.each(["SOURCE_UNAVAILABLE", "SOURCE_STALLED", "NO_SPACE", "DATABASE_BUSY", "IN_USE"] as const)(
    "%s is tried again",
    (code) => {
      expect(ruleOfError(code).retry).toBe("backoff");
    },
  );
});

describe("isErrorCode", () => {
  test.each(["", "usage", "toString", "__proto__", "ENOENT"])("refuses %o", (text) => {
    expect(isErrorCode(text)).toBe(false);
  });
});

describe("asImgstoreError", () => {
  test("gives an ImgstoreError back as it is", () => {
    const error = new ImgstoreError("NO_SPACE", "cannot reserve 5 bytes", { hint: "free some" });
    expect(asImgstoreError(error)).toBe(error);
  });

  test.each([[new TypeError("x is not a function")], ["a string"], [undefined], [null]])(
    "makes INTERNAL of %o and keeps the cause",
    (thrown) => {
      const error = asImgstoreError(thrown);
      expect(error.code).toBe("INTERNAL");
      expect(error.message).toMatch(/^unexpected: /);
      expect(error.cause).toBe(thrown);
    },
  );
});

describe("recorded", () => {
  test("keeps code, message and hint, and no cause", () => {
    const error = new ImgstoreError("IN_USE", "cannot unmount", { hint: "leave it", cause: new Error("EBUSY") });
    expect(recorded(error)).toEqual({ code: "IN_USE", message: "cannot unmount", hint: "leave it" });
    expect(recorded(new ImgstoreError("IN_USE", "cannot unmount"))).toMatchObject({ hint: null });
  });
});
