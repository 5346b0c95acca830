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
import type { PerformOptions } from "./perform-options.ts";
import type { Performed } from "./performed.ts";

/** How long an act may take to stop, in milliseconds. */
const ABANDONED_AFTER_MS = 5000;

/**
 * One try at a move under one claim: claim, act, settle. Returns when the attempt has ended, or after `budgetMs`: the
 * act then goes on under its lease where the process outlives the request, and is asked to stop at a checkpoint where
 * it does not.
 */
export async function attempt(
  engine: Engine,
  placement: Placement,
  move: ActMove,
  { budgetMs, isAskedFor }: PerformOptions,
): Promise<Performed> {
  const sentAtMs = engine.clock.monotonicMs();
  const claimed = await engine.images.claim(placement, {
    move,
    opId: engine.clock.newId(),
    worker: engine.worker,
    leaseMs: engine.settings.leaseMs,
    isAskedFor,
  });
  if (claimed.kind === "lost") return { kind: "lost", placement: claimed.placement };

  const lease = new Lease(engine, claimed.claim, sentAtMs);
  const running: Running = { engine, placement: claimed.placement, claim: claimed.claim, lease };
  const ended = run(running);
  engine.inFlight.add(running.placement.id, {
    ended,
    progress: () => lease.progress,
    stop: (reason) => lease.stop(reason),
  });
  if (engine.inFlight.isClosing) lease.stop("shutdown");
  return budgetMs === null ? ended : within(running, ended, budgetMs);
}

/** An attempt between its claim and its last word. */
interface Running {
  readonly engine: Engine;
  /** As claimed. */
  readonly placement: Placement;
  readonly claim: Claim;
  readonly lease: Lease;
}

async function run(running: Running): Promise<Performed> {
  try {
    return await end(running, await act(running));
  } finally {
    running.lease.end();
  }
}

/** Runs the act; whatever it throws or is stopped by becomes an outcome. */
async function act({ engine, placement, claim, lease }: Running): Promise<Outcome> {
  const { maxAttempts } = engine.settings;
  if (placement.attempt > maxAttempts) {
    return failed(
      new ImgstoreError("ATTEMPTS_EXHAUSTED", `${claim.move} did not end in ${maxAttempts} attempts`, {
        hint: "see `imgstore history` for what became of each; `imgstore retry` begins again",
      }),
    );
  }
  const ended = new AbortController();
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
    return await Promise.race([ACTS[claim.move](context), abandonment(engine, lease, ended.signal)]);
  } catch (thrown) {
    const stopped = stopOf(lease);
    return stopped === null ? failed(asImgstoreError(thrown)) : later(stopped);
  } finally {
    // Nothing may go on waiting for an act that has stopped: it would keep the process.
    ended.abort();
  }
}

/**
 * The outcome of an act that was asked to stop and does not (a deletion of a large tree, a slow sync): it is left alone,
 * and its claim is given up, after which it can settle, publish and mount nothing.
 */
async function abandonment({ clock }: Engine, lease: Lease, ended: AbortSignal): Promise<Outcome> {
  await new Promise<void>((resolve) => {
    if (lease.signal.aborted) resolve();
    lease.signal.addEventListener("abort", () => resolve());
  });
  await clock.sleep(ABANDONED_AFTER_MS, ended);
  return later(stopOf(lease) ?? { kind: "shutdown" });
}

function stopOf(lease: Lease): Later | null {
  if (lease.stopReason === null) return null;
  return { kind: lease.stopReason === "budget" ? "budget" : "shutdown" };
}

/** Settles or releases by the outcome. */
async function end(running: Running, outcome: Outcome): Promise<Performed> {
  switch (outcome.kind) {
    case "done":
      return settle(running, { move: running.claim.move, facts: outcome.facts, error: outcome.remark });
    case "later":
      return release(running, laterRelease(outcome.reason, running.placement.nowMs));
    case "failed":
      return endFailed(running, outcome.error);
  }
}

function laterRelease(reason: Later, nowMs: number): ReleasePlan {
  if (reason.kind !== "held") return { delayMs: 0, isCounted: false };
  return { delayMs: Math.max(0, reason.untilMs - nowMs), isCounted: false, waitsFor: reason.waitsFor };
}

async function endFailed(running: Running, error: ImgstoreError): Promise<Performed> {
  const { engine, placement, claim, lease } = running;
  const { code, retryAfterMs } = error;
  const failure = { move: claim.move, code, retryAfterMs, attempt: placement.attempt };
  const after = afterFailure(failure, engine.settings, engine.clock.random());
  if (after.kind === "retry") return release(running, { ...after, error });
  try {
    const isStillOurs = (): Promise<boolean> => lease.beat();
    // A worker that was stopped while others went on has nothing to clear away: it is theirs by now.
    if (!(await isStillOurs())) return { kind: "lost", placement: await engine.images.load(claim.name) };
    // Before the row says FAILED: nobody looks at it again, so nothing of the attempt may be left.
    if (after.move === "give-up") {
      await clearAway({ ...engine, placement, claim, isStillOurs, disk: await engine.disk() });
    }
  } catch (thrown) {
    const delayMs = engine.settings.backoffMaxMs;
    return release(running, { delayMs, isCounted: true, error: asImgstoreError(thrown) });
  }
  return settle(running, { move: after.move, facts: {}, error: recorded(error) });
}

/** The move that was made, what was found out, and what is worth keeping of how it went. */
interface Ending {
  readonly move: ActMove | FallbackMove;
  readonly facts: SettleFacts;
  readonly error: RecordedError | null;
}

async function settle(running: Running, { move, facts, error }: Ending): Promise<Performed> {
  const { engine, claim, lease } = running;
  const opId = engine.clock.newId();
  const kept = error ?? damageOf(running.placement);
  const verdict = await lease.lastWord(() =>
    engine.images.settle(claim, { move, opId, facts, ...(kept === null ? {} : { error: kept }) }),
  );
  // Where the claim is ours all the same, what was there before it has been collected: it begins again at once.
  if (verdict === "stale") return release(running, { delayMs: 0, isCounted: false });
  const placement = await engine.images.load(claim.name);
  if (verdict !== "applied") return { kind: "lost", placement };
  const isGone = placement === null || placement.id !== claim.placementId;
  return { kind: "made", move, toState: ruleOf(move).to, placement: isGone ? null : placement, error };
}

/** What is wrong with a layer stays in sight on the way to its repair. */
function damageOf({ isRepairWanted, error }: Placement): RecordedError | null {
  return isRepairWanted ? error : null;
}

interface ReleasePlan {
  readonly delayMs: number;
  readonly isCounted: boolean;
  readonly waitsFor?: string;
  readonly error?: ImgstoreError;
}

async function release({ engine, claim, lease }: Running, plan: ReleasePlan): Promise<Performed> {
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

/** The attempt's end, or that it is under way when the time is up. */
async function within(
  { engine, placement, claim, lease }: Running,
  ended: Promise<Performed>,
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
  return { kind: "under-way", move: claim.move, placement: now, retryAfterMs: 1000 };
}
