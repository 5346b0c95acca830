import { declare, lastError } from "./ffi.ts";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

const prctl = declare<(option: number, second: number, third: number, fourth: number, fifth: number) => number>(
  "int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)",
);

/**
 * Lets the kernel kill this process when the thread that started it ends, however that comes; the main thread, mostly,
 * which ends with its process. A parent that ended before is not noticed: it has closed its end of stdin.
 * @throws {SystemCallError}
 * @see PR_SET_PDEATHSIG(2const)
 */
export function endWithParent(): void {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) throw lastError("prctl");
}
