import { declare, lastError } from "./ffi.ts";

const PR_SET_NO_NEW_PRIVS = 38;

const prctl = declare<(option: number, second: number, third: number, fourth: number, fifth: number) => number>(
  "int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)",
);

/**
 * No program this thread runs, and no thread it makes, ever has more rights than it has now.
 * @throws {SystemCallError}
 * @see PR_SET_NO_NEW_PRIVS(2const)
 */
export function forbidNewPrivileges(): void {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) throw lastError("prctl");
}
