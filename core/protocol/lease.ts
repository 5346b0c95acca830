/** How long a heartbeat may be apart, in milliseconds: the smaller of two seconds and a third of the lease. */
export function heartbeatMs(leaseMs: number): number {
  return Math.max(1, Math.min(2000, Math.floor(leaseMs / 3)));
}

/**
 * Until when a holder may trust its lease, on its own monotonic clock: two thirds after the claim (or the last
 * heartbeat) was *sent*, whatever the clocks of the two machines say.
 * @param sentAtMs the monotonic time before the request left
 */
export function trustedUntilMs(sentAtMs: number, leaseMs: number): number {
  return sentAtMs + Math.floor((leaseMs * 2) / 3);
}
