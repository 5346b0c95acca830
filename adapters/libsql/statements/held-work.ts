import { NOW } from "./fragments.ts";

/**
 * What becomes of the blobs and layers that a claim was making when it ends: those who wait for them are due now where
 * nobody holds them, then the work is free. In that order, because the first reads what the second clears.
 * @param guard a condition that holds as long as the claim does: the statements come before the write that ends it
 */
export function freeHeldWork(guard: string): readonly string[] {
  return [
    `
  UPDATE placements SET due_at_ms = ${NOW}, waits_for = NULL
  WHERE node = :node AND lease_owner IS NULL AND ${guard} AND waits_for IN (
    SELECT 'blob:' || digest FROM blobs
    WHERE node = :node AND state = 'working' AND holder_id = :id AND holder_fence = :fence
    UNION ALL
    SELECT 'layer:' || form || ':' || digest FROM layers
    WHERE node = :node AND state = 'working' AND holder_id = :id AND holder_fence = :fence)`,
    `
  UPDATE blobs SET state = 'absent', holder_id = NULL, holder_fence = NULL
  WHERE node = :node AND state = 'working' AND holder_id = :id AND holder_fence = :fence AND ${guard}`,
    `
  UPDATE layers SET state = 'absent', holder_id = NULL, holder_fence = NULL
  WHERE node = :node AND state = 'working' AND holder_id = :id AND holder_fence = :fence AND ${guard}`,
  ];
}

/** Those who wait for room look again now, where nobody holds them. */
export const WAKE_FOR_ROOM: string = `
  UPDATE placements SET due_at_ms = ${NOW}
  WHERE node = :node AND due_at_ms > ${NOW} AND error_code = 'NO_SPACE' AND lease_owner IS NULL`;

/** Those who wait for one of the keys in the JSON array `:keys` are due now, where nobody holds them. */
export function wakeWaiters(guard: string): string {
  return `
  UPDATE placements SET due_at_ms = ${NOW}, waits_for = NULL
  WHERE node = :node AND lease_owner IS NULL AND waits_for IN (SELECT value FROM json_each(:keys)) AND ${guard}`;
}
