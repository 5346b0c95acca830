import { type ErrorCode, ruleOfError } from "../errors.ts";
import { type ActMove, type FallbackMove } from "../lifecycle/image.ts";
import { fallbackOf } from "../lifecycle/next-move.ts";
import { backoffMs } from "./backoff.ts";

/** What follows a failed attempt: the move's fallback, or another attempt after a delay. */
export type AfterFailure =
  | { readonly kind: "fallback"; readonly move: FallbackMove }
  | { readonly kind: "retry"; readonly delayMs: number; readonly isCounted: boolean };

export interface FailedAttempt {
  readonly move: ActMove;
  readonly code: ErrorCode;
  /** Attempts made, this one counted. */
  readonly attempt: number;
  /** What a server asked for (Retry-After); null when it said nothing. */
  readonly retryAfterMs: number | null;
}

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoffMaxMs: number;
}

/** A busy mount is asked this often before the image is kept ACTIVE: a person waits for the answer. */
const BUSY_ATTEMPTS = 5;

/** The longest that a server's Retry-After is honoured, in milliseconds. */
const RETRY_AFTER_MAX_MS = 600_000;

/**
 * Decides about a failed attempt. A permanent error or the last attempt ends in the move's fallback; a move without one
 * (`finish-remove`) is tried for ever. A full disk is nobody's fault: it waits without counting attempts.
 * @param random uniform in [0, 1)
 */
export function afterFailure(failed: FailedAttempt, policy: RetryPolicy, random: number): AfterFailure {
  const fallback = fallbackOf(failed.move);
  const isOver = ruleOfError(failed.code).retry === "never" || failed.attempt >= attemptsFor(failed.code, policy);
  if (isOver && fallback !== null) return { kind: "fallback", move: fallback };
  const isWaitingForSpace = failed.code === "NO_SPACE";
  const attempt = isWaitingForSpace ? policy.maxAttempts : failed.attempt;
  const asked = Math.min(failed.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS);
  return {
    kind: "retry",
    delayMs: Math.max(asked, backoffMs(attempt, policy.backoffMaxMs, random)),
    isCounted: !isWaitingForSpace,
  };
}

function attemptsFor(code: ErrorCode, policy: RetryPolicy): number {
  if (code === "NO_SPACE") return Number.POSITIVE_INFINITY;
  return code === "IN_USE" ? Math.min(BUSY_ATTEMPTS, policy.maxAttempts) : policy.maxAttempts;
}
