import type { DueRow } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";
import type { Performed } from "../performed.ts";
import { BackgroundScrub } from "./background-scrub.ts";
import { performDue } from "./due-rows.ts";
import { reap } from "./reap.ts";
import { reconcile } from "./reconcile.ts";
import { SuspectWait } from "./suspect-wait.ts";

export interface WorkerOptions {
  /** End when nothing is due now, also while a lease or a back-off of somebody is pending. */
  readonly isOnce: boolean;
  /** Acts at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Subscribes to signs that rows may have changed outside this process; returns the way to unsubscribe. */
  readonly watch: (onChange: () => void) => () => void;
  readonly onPerformed: (name: string, performed: Performed, durationMs: number) => void;
  /** So many ACTIVE images are mounted in another mount namespace; said when the number changes. */
  readonly onUnjudged: (count: number) => void;
  readonly onError: (error: unknown) => void;
}

/** The longest sleep, in milliseconds: a row that another machine made due is found after this. */
const LONGEST_SLEEP_MS = 60_000;

/** Mounts are compared with rows this often at most, in milliseconds. */
const RECONCILE_EVERY_MS = 5000;

/** After a failed look at the database, in milliseconds. */
const PAUSE_AFTER_ERROR_MS = 1000;

/**
 * Keeps moving whatever is due on this node, many rows at once, and sleeps until the next is due, waking at once for a
 * request in this process and for changes that `watch` sees. Resolves when stopped and nothing of it is under way.
 */
export async function work(engine: Engine, options: WorkerOptions): Promise<void> {
  await new Worker(engine, options).run();
}

class Worker {
  readonly #engine: Engine;
  readonly #options: WorkerOptions;
  readonly #running = new Map<number, Promise<void>>();
  readonly #scrub: BackgroundScrub;
  readonly #suspects: SuspectWait;
  #isWoken = true;
  #reconciledAtMs = Number.NEGATIVE_INFINITY;
  #unjudged = 0;
  #wake: () => void = () => {};

  constructor(engine: Engine, options: WorkerOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#suspects = new SuspectWait(engine.settings.leaseMs);
    this.#scrub = new BackgroundScrub(engine, options.onError);
  }

  async run(): Promise<void> {
    const onChange = (): void => {
      this.#isWoken = true;
      this.#wake();
    };
    const unsubscribe = [this.#options.watch(onChange), this.#engine.inFlight.onWake(onChange)];
    this.#options.signal.addEventListener("abort", onChange);
    try {
      await reap(this.#engine).catch(this.#options.onError);
      while (!this.#options.signal.aborted) {
        this.#isWoken = false;
        const sleepMs = await this.#look();
        if (sleepMs === null) break;
        await this.#sleep(sleepMs);
      }
      await Promise.all(this.#running.values());
    } finally {
      for (const end of unsubscribe) end();
      this.#options.signal.removeEventListener("abort", onChange);
    }
  }

  /** Starts what is due and there is room for; how long nothing new is to be expected, null when it is over. */
  async #look(): Promise<number | null> {
    try {
      await this.#reconcileNowAndThen();
      if (!this.#options.isOnce) this.#scrub.startNowAndThen();
      const { rows, nextDueAtMs, nowMs } = await this.#engine.images.due(
        this.#options.concurrency + this.#running.size,
      );
      const news = rows.filter((row) => !this.#running.has(row.id));
      this.#suspects.look(
        news.some((row) => row.isSuspect),
        this.#engine.clock.monotonicMs(),
      );
      for (const row of news) this.#startIfRoom(row);
      if (this.#options.isOnce && news.length === 0 && this.#running.size === 0) return null;
      // Rows that are due now and found no room wait for an attempt to end, which wakes us.
      const isNextToCome = nextDueAtMs !== null && nextDueAtMs > nowMs;
      return isNextToCome ? Math.min(LONGEST_SLEEP_MS, nextDueAtMs - nowMs) : LONGEST_SLEEP_MS;
    } catch (error) {
      this.#options.onError(error);
      if (this.#options.isOnce) throw error;
      return PAUSE_AFTER_ERROR_MS;
    }
  }

  async #reconcileNowAndThen(): Promise<void> {
    const now = this.#engine.clock.monotonicMs();
    if (now - this.#reconciledAtMs < RECONCILE_EVERY_MS) return;
    this.#reconciledAtMs = now;
    const { unjudged } = await reconcile(this.#engine);
    if (this.#running.size > 0) await (await this.#engine.disk()).space.restoreBallast();
    if (unjudged !== this.#unjudged) this.#options.onUnjudged(unjudged);
    this.#unjudged = unjudged;
  }

  #startIfRoom(row: DueRow): void {
    const isRoom = this.#running.size < this.#options.concurrency;
    if (!isRoom || !this.#suspects.mayStart(row, this.#running.size)) return;
    const ended = new AbortController();
    if (row.isSuspect) void this.#keepAlone(ended.signal);
    const performed = this.#perform(row).finally(() => {
      this.#running.delete(row.id);
      ended.abort();
      this.#isWoken = true;
      this.#wake();
    });
    this.#running.set(row.id, performed);
  }

  async #keepAlone(ended: AbortSignal): Promise<void> {
    this.#suspects.begin();
    await this.#engine.clock.sleep(this.#engine.settings.leaseMs, ended);
    this.#suspects.end();
    this.#isWoken = true;
    this.#wake();
  }

  async #perform(row: DueRow): Promise<void> {
    const startedMs = this.#engine.clock.monotonicMs();
    try {
      const performed = await performDue(this.#engine, row, null);
      if (performed === null) return;
      this.#options.onPerformed(row.name, performed, this.#engine.clock.monotonicMs() - startedMs);
    } catch (error) {
      this.#options.onError(error);
      await this.#engine.clock.sleep(PAUSE_AFTER_ERROR_MS, this.#options.signal);
    }
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#isWoken) return;
    const controller = new AbortController();
    this.#wake = () => controller.abort();
    await this.#engine.clock.sleep(ms, controller.signal);
    this.#wake = () => {};
  }
}
