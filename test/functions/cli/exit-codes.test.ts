import { describe, expect, test } from "vitest";
import { ERRORS, type ErrorCode } from "../../../core/errors.ts";
import { exitCodeOf, exitCodeOfFailed, exitCodeOfSignal } from "../../../functions/cli/exit-codes.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe("exitCodeOf", () => {
  test.each(CODES)("of %s is one that the contract names, and never success", (code) => {
    expect([1, 2, 3, 4, 5, 6]).toContain(exitCodeOf(code));
  });

  test.each([
    ["DIGEST_MISMATCH", 1],
    ["USAGE", 2],
    ["INVALID_NAME", 2],
    ["NO_SUCH_IMAGE", 3],
    ["NAME_TAKEN", 4],
    ["ILLEGAL_MOVE", 4],
    ["LOST_RACE", 4],
    ["IN_USE", 4],
    ["NOT_ACTIVE", 4],
    ["TIMED_OUT", 5],
    ["NO_SPACE", 5],
    ["NO_PRIVILEGE", 6],
    ["NO_DRIVER", 6],
    ["ROOT_NOT_WRITABLE", 6],
    ["NOT_A_DATABASE", 6],
    ["SERVER_UNREACHABLE", 6],
  ] as const)("of %s is %i", (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode);
  });
});

describe("exitCodeOfFailed", () => {
  test.each(CODES)("with %s is 1, or what the machine lacks", (code) => {
    expect(exitCodeOfFailed(code)).toBe(exitCodeOf(code) >= 5 ? exitCodeOf(code) : 1);
  });

  test("without an error is 1", () => {
    expect(exitCodeOfFailed(undefined)).toBe(1);
  });
});

test("exitCodeOfSignal is what a shell would say", () => {
  expect(exitCodeOfSignal("SIGINT")).toBe(130);
  expect(exitCodeOfSignal("SIGTERM")).toBe(143);
});
