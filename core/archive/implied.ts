import type { Time } from "./numbers.ts";

/**
 * The time of directories that an archive does not list: a nanosecond after the epoch, which no archive gives. By it a
 * mount knows that a layer has nothing to say about the directory, so that what a lower layer says of it counts.
 */
export const IMPLIED_TIME: Time = { seconds: 0, nanoseconds: 1 };

/** Whether a directory of an unpacked layer is there only because of what lies in it. @param mtimeNs since 1970 */
export function isImplied(mtimeNs: bigint): boolean {
  return mtimeNs === 1n;
}
