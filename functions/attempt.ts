import { asImgstoreError, ImgstoreError, type RecordedError, recorded } from "../core/errors.ts";
import { type ActMove, type FallbackMove, ruleOf } from "../core/lifecycle/image.ts";
import type { Claim, Placement, SettleFacts } from "../core/ports/image-rows.ts";
import { afterFailure } from "../core/protocol/after-failure.ts";
import { failed, type Later, later, type Outcome } from "../core/protocol/outcome.ts";
import type { Engine } from "./engine.ts";
import { Lease } from "./lease-watch.ts";
import type { ActContext } from "./moves/act-context.ts";
import { ACTS } from "./moves/acts.ts";
import { clearAway } from "./moves/give-up.ts";
import type { Performed } from "./performed.ts";

/**
 * One try at a move under one claim: claim, act, settle. Returns when the attempt has ended, or after `budgetMs`: the
 * act then goes on under its lease where the process outlives the request, and is asked to stop at a checkpoint where
 * it does not.
 */
export async function attempt(
  engine: Engine,
  placement: Placement,
  move: ActMove,
  budgetMs: number | null,
): Promise<Performed> {
  const sentAtMs = engine.clock.monotonicMs();
  const claimed = await engine.images.claim(placement, {
    move,
    opId: engine.clock.newId(),
    worker: engine.worker,
    leaseMs: engine.settings.leaseMs,
  });
  if (claimed.kind === "lost") return { kind: "lost", placement: claimed.placement };

  const lease = new Lease(engine, claimed.claim, sentAtMs);
  const ended = run(engine, claimed.placement, claimed.claim, lease);
  engine.inFlight.add(claimed.placement.id, {
    ended,
    progress: () => lease.progress,
    stop: (reason) => lease.stop(reason),
  });
  if (engine.inFlight.isClosing) lease.stop("shutdown");
  return budgetMs === null ? ended : within(engine, ended, lease, claimed.placement, move, budgetMs);
}

async function run(engine: Engine, placement: Placement, claim: Claim, lease: Lease): Promise<Performed> {
  try {
    const outcome = await act(engine, placement, claim, lease);
    return await end(engine, placement, claim, lease, outcome);
  } finally {
    lease.end();
  }
}

/** Runs the act; whatever it throws or is stopped by becomes an outcome. */
async function act(engine: Engine, placement: Placement, claim: Claim, lease: Lease): Promise<Outcome> {
  if (placement.attempt > engine.settings.maxAttempts) {
    return failed(
      new ImgstoreError("ATTEMPTS_EXHAUSTED", `${claim.move} did not end in ${engine.settings.maxAttempts} attempts`, {
        hint: "see `imgstore history` for what became of each; `imgstore retry` begins again",
      }),
    );
  }
  try {
    const context: ActContext = {
      ...engine,
      placement,
      claim,
      signal: lease.signal,
      disk: await engine.disk(),
      report: (progress) => lease.report(progress),
      isStillOurs: () => lease.beat(),
    };
    return await ACTS[claim.move](context);
  } catch (thrown) {
    const stopped = stopOf(lease);
    return stopped === null ? failed(asImgstoreError(thrown)) : later(stopped);
  }
}

function stopOf(lease: Lease): Later | null {
  if (lease.stopReason === null) return null;
  return { kind: lease.stopReason === "budget" ? "budget" : "shutdown" };
}

/** Settles or releases by the outcome. */
async function end(
  engine: Engine,
  placement: Placement,
  claim: Claim,
  lease: Lease,
  outcome: Outcome,
): Promise<Performed> {
  switch (outcome.kind) {
    case "done":
      return settle(engine, claim, lease, claim.move, outcome.facts, outcome.remark);
    case "later":
      return release(engine, claim, lease, laterRelease(outcome.reason, placement.nowMs));
    case "failed":
      return endFailed(engine, placement, claim, lease, outcome.error);
  }
}

function laterRelease(reason: Later, nowMs: number): ReleasePlan {
  if (reason.kind !== "held") return { delayMs: 0, isCounted: false };
  return { delayMs: Math.max(0, reason.untilMs - nowMs), isCounted: false, waitsFor: reason.waitsFor };
}

async function endFailed(
  engine: Engine,
  placement: Placement,
  claim: Claim,
  lease: Lease,
  error: ImgstoreError,
): Promise<Performed> {
  const { code, retryAfterMs } = error;
  const failure = { move: claim.move, code, retryAfterMs, attempt: placement.attempt };
  const after = afterFailure(failure, engine.settings, engine.clock.random());
  if (after.kind === "retry") return release(engine, claim, lease, { ...after, error });
  try {
    const isStillOurs = (): Promise<boolean> => lease.beat();
    // A worker that was stopped while others went on has nothing to clear away: it is theirs by now.
    if (!(await isStillOurs())) return { kind: "lost", placement: await engine.images.load(claim.name) };
    // Before the row says FAILED: nobody looks at it again, so nothing of the attempt may be left.
    if (after.move === "give-up")
      await clearAway({ ...engine, placement, claim, isStillOurs, disk: await engine.disk() });
  } catch (thrown) {
    return release(engine, claim, lease, {
      delayMs: engine.settings.backoffMaxMs,
      isCounted: true,
      error: asImgstoreError(thrown),
    });
  }
  return settle(engine, claim, lease, after.move, {}, recorded(error));
}

async function settle(
  engine: Engine,
  claim: Claim,
  lease: Lease,
  move: ActMove | FallbackMove,
  facts: SettleFacts,
  error: RecordedError | null,
): Promise<Performed> {
  const opId = engine.clock.newId();
  const verdict = await lease.lastWord(() =>
    engine.images.settle(claim, { move, opId, facts, ...(error === null ? {} : { error }) }),
  );
  const placement = await engine.images.load(claim.name);
  if (verdict !== "applied") return { kind: "lost", placement };
  const isGone = placement === null || placement.id !== claim.placementId;
  return { kind: "made", move, toState: ruleOf(move).to, placement: isGone ? null : placement, error };
}

interface ReleasePlan {
  readonly delayMs: number;
  readonly isCounted: boolean;
  readonly waitsFor?: string;
  readonly error?: ImgstoreError;
}

async function release(engine: Engine, claim: Claim, lease: Lease, plan: ReleasePlan): Promise<Performed> {
  const { error, ...rest } = plan;
  const opId = engine.clock.newId();
  const verdict = await lease.lastWord(() =>
    engine.images.release(claim, {
      ...rest,
      opId,
      progress: lease.progress,
      ...(error === undefined ? {} : { error: recorded(error) }),
    }),
  );
  const placement = await engine.images.load(claim.name);
  if (verdict !== "applied") return { kind: "lost", placement };
  return {
    kind: "postponed",
    move: claim.move,
    placement,
    retryAfterMs: plan.delayMs,
    error: error === undefined ? null : recorded(error),
  };
}

async function within(
  engine: Engine,
  ended: Promise<Performed>,
  lease: Lease,
  placement: Placement,
  move: ActMove,
  budgetMs: number,
): Promise<Performed> {
  const timer = new AbortController();
  const timedOut = engine.clock.sleep(budgetMs, timer.signal).then(() => null);
  const first = await Promise.race([ended, timedOut]);
  timer.abort();
  if (first !== null) return first;
  if (!engine.outlivesRequests) {
    lease.stop("budget");
    return ended;
  }
  const now = (await engine.images.load(placement.name)) ?? placement;
  return { kind: "under-way", move, placement: now, retryAfterMs: 1000 };
}
