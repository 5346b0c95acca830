import { closeFile } from "../../linux/file-calls.ts";

/** Of what is looked over, and of what is right. */
export type TwoDescriptors = readonly [actual: number, expected: number];

/** Opens both, and closes them after their use. @throws {SystemCallError} */
export function withTwo<T>(
  openActual: () => number,
  openExpected: () => number,
  use: (...fds: TwoDescriptors) => T,
): T {
  const actual = openActual();
  try {
    const expected = openExpected();
    try {
      return use(actual, expected);
    } finally {
      closeFile(expected);
    }
  } finally {
    closeFile(actual);
  }
}
