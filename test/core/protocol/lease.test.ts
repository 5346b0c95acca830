import * as fc from "fast-check";
import { expect, test } from "vitest";
import { heartbeatMs, trustedUntilMs } from "../../../core/protocol/lease.ts";

const leases = fc.integer({ min: 300, max: 86_400_000 });

test.each([
  [300, 100],
  [1500, 500],
  [6000, 2000],
  [30_000, 2000],
])("heartbeatMs of a lease of %i ms is %i ms", (leaseMs, expected) => {
  expect(heartbeatMs(leaseMs)).toBe(expected);
});

test("trustedUntilMs ends before the lease does, and a heartbeat may be lost before it ends", () => {
  fc.assert(
    fc.property(leases, fc.nat(), (leaseMs, sentAtMs) => {
      const trustedMs = trustedUntilMs(sentAtMs, leaseMs) - sentAtMs;
      expect(trustedMs).toBeLessThan(leaseMs);
      expect(heartbeatMs(leaseMs) * 2).toBeLessThanOrEqual(trustedMs);
    }),
  );
});
