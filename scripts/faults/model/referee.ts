import { type Actor, type ActorPlan, createActor } from "./actor.ts";
import { describeCall } from "./describe-call.ts";
import { diffIdOf, IMAGES } from "./images.ts";
import { INVARIANTS } from "./invariants.ts";
import type { PlannedActor, Turn } from "./schedule.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { SteppedDatabase } from "./stepped-database.ts";
import { type Call, type Fault, Turns } from "./turns.ts";
import { Writes } from "./writes.ts";

/** Who is told what a race comes to. */
export interface Witness {
  answered(call: Call, reply: unknown): void;
  struck(fault: Fault): void;
}

/** What came of a race. */
export interface Raced {
  readonly steps: number;
  /** Sentences, of the first step that broke a promise; empty when none did. */
  readonly findings: readonly string[];
  /** Calls in the order in which they were made, one a line. */
  readonly log: readonly string[];
}

/** What an actor does once it has entered. */
type Part = (actor: Actor) => Promise<void>;

/** So many calls bring every row to its rest, when nothing goes wrong any more. */
const CALLS_TO_REST = 800;

/** Calls that say of a piece that it is not there or not right. */
const SPOILING = new Set(["damageBlob", "damageLayer", "unstageLost"]);

/** How a race ends as soon as a promise is broken. */
class BrokenPromise extends Error {}

/** Gives the actors of one race their turns, and holds every call to the promises. */
export class Referee {
  readonly #database: SteppedDatabase;
  readonly #witness: Witness;
  readonly #turns = new Turns();
  readonly #writes = new Writes();
  readonly #findings: string[] = [];
  readonly #log: string[] = [];
  readonly #spoiled = new Set<string>();
  #snapshot: Snapshot | null = null;
  #reply: unknown = undefined;

  constructor(database: SteppedDatabase, witness: Witness) {
    this.#database = database;
    this.#witness = witness;
  }

  /** Runs what belongs to a race, up to the first broken promise. */
  async watch(race: () => Promise<void>): Promise<Raced> {
    try {
      await race();
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
    }
    return { steps: this.#log.length, findings: this.#findings, log: this.#log };
  }

  /** Plays the turns among the actors, then lets all of them come to their ends. Who dies is started again. */
  async race(actors: readonly PlannedActor[], turns: readonly Turn[], partOf: PartOf): Promise<void> {
    const planned = new Map(actors.map((plan, at) => [`${plan.program}-${at}`, plan]));
    for (const [name, plan] of planned) await this.#enter({ name, choices: plan.choices }, partOf(plan));
    for (const turn of turns.flatMap(inCalls)) {
      const struck = await this.#take(turn);
      const plan = struck === null ? undefined : planned.get(struck.split("+")[0] ?? "");
      if (plan !== undefined) await this.#enter({ name: `${struck}+`, choices: plan.choices }, partOf(plan));
    }
    await this.#finish();
  }

  /** Runs an actor to its end, without faults and with nobody beside it. */
  async alone(name: string, part: Part): Promise<void> {
    await this.#enter({ name, choices: [] }, part);
    await this.#finish();
  }

  /** Lets time pass, in milliseconds. */
  async pass(ms: number): Promise<void> {
    await this.#database.advance(ms);
    this.#log.push(`${ms} ms pass`);
    this.#snapshot = null;
  }

  /** Everything, as it is now. */
  async look(): Promise<Snapshot> {
    return (this.#snapshot = await takeSnapshot(this.#database));
  }

  /** Ends the race where there is anything. */
  report(findings: readonly string[]): void {
    this.#findings.push(...findings);
    if (this.#findings.length > 0) throw new BrokenPromise();
  }

  async #enter(plan: ActorPlan, part: Part): Promise<void> {
    const actor = createActor(plan, this.#database, this.#turns, (call, reply) => {
      this.#reply = reply;
      this.#writes.answered(call, reply);
      this.#witness.answered(call, reply);
    });
    await this.#turns.enter(plan.name, () => part(actor));
  }

  async #finish(): Promise<void> {
    for (let calls = 0; this.#turns.ready.length > 0; calls += 1) {
      if (calls > CALLS_TO_REST) this.report([`no rest after ${calls} calls`]);
      await this.#take({ do: "call", pick: 0, times: 1, fault: "none" });
    }
  }

  /** The name of the actor that died of it, or null. */
  async #take(turn: Turn): Promise<string | null> {
    const { ready } = this.#turns;
    const waiting = turn.do === "call" ? ready[turn.pick % Math.max(1, ready.length)] : undefined;
    if (turn.do === "lapse") await this.pass(turn.ms);
    if (turn.do === "lapse" || waiting === undefined) return null;
    const { call, kind } = waiting;
    const fault = turn.fault === "late" && kind !== "repeatable write" ? "none" : turn.fault;
    this.#witness.struck(fault);
    this.#reply = undefined;
    const before = (this.#snapshot ??= await takeSnapshot(this.#database));
    await this.#turns.give(waiting, fault);
    const after = kind === "read" ? before : await this.look();
    this.#log.push(describeCall(call, fault, this.#reply));
    if (SPOILING.has(call.name)) for (const digest of spoiledBy(call)) this.#spoiled.add(digest);
    const step = { call, reply: this.#reply, before, after, spoiled: this.#spoiled };
    const broken = Object.entries(INVARIANTS).flatMap(([promise, findingsOf]) =>
      findingsOf(step).map((finding) => `${promise}: ${finding}`),
    );
    const { failure } = this.#turns;
    this.report([...(failure === null ? [] : [failure]), ...broken, ...this.#writes.findings(step)]);
    return fault === "crash" || fault === "crash-after" ? call.actor : null;
  }
}

type PartOf = (plan: PlannedActor) => Part;

/** A turn of several calls, call by call: the same pick is the same actor, until he is done. */
function inCalls(turn: Turn): Turn[] {
  if (turn.do === "lapse") return [turn];
  return Array.from({ length: turn.times }, (_, at) => ({
    ...turn,
    times: 1,
    fault: at === turn.times - 1 ? turn.fault : "none",
  }));
}

/** Every digest of the same tree as the one that the call speaks of. */
function spoiledBy({ args }: Call): string[] {
  const digests = IMAGES.flatMap(({ layers }) => layers);
  const named = digests.filter((digest) => args.includes(digest));
  return digests.filter((digest) => named.some((other) => diffIdOf(other) === diffIdOf(digest)));
}
