import { type Actor, type ActorPlan, createActor, type OnReply } from "./actor.ts";
import { diffIdOf, IMAGES } from "./images.ts";
import { INVARIANTS } from "./invariants.ts";
import { advance, PROGRAMS, register } from "./programs.ts";
import type { PlannedActor, Schedule, Turn } from "./schedule.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { SteppedDatabase } from "./stepped-database.ts";
import { type Call, type Fault, Turns } from "./turns.ts";
import { Writes } from "./writes.ts";

/** What came of a race. */
export interface Raced {
  readonly steps: number;
  /** Sentences, of the first step that broke a promise; empty when none did. */
  readonly findings: readonly string[];
  /** Calls in the order in which they were made, one a line. */
  readonly log: readonly string[];
}

/** Who is told what the race comes to. */
export interface Witness {
  answered(call: Call, reply: unknown): void;
  struck(fault: Fault): void;
}

/** So many calls bring every row to its rest, when nothing goes wrong any more. */
const CALLS_TO_REST = 800;

/** Plays a schedule on an empty database, and holds every step of it to the promises. */
export async function runSchedule(database: SteppedDatabase, schedule: Schedule, witness: Witness): Promise<Raced> {
  const race = new Race(database, witness);
  try {
    await race.prepare(schedule.headStarts);
    await race.run(schedule);
    await race.comeToRest();
    await race.removeAll();
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
  }
  return { steps: race.log.length, findings: race.findings, log: race.log };
}

/** Calls that say of a piece that it is not there or not right. */
const SPOILING = new Set(["damageBlob", "damageLayer", "unstageLost"]);

class BrokenPromise extends Error {}

class Race {
  readonly findings: string[] = [];
  readonly log: string[] = [];
  readonly #database: SteppedDatabase;
  readonly #witness: Witness;
  readonly #turns = new Turns();
  readonly #writes = new Writes();
  readonly #spoiled = new Set<string>();
  #snapshot: Snapshot | null = null;
  #fault: Fault = "none";
  #reply: unknown = undefined;

  constructor(database: SteppedDatabase, witness: Witness) {
    this.#database = database;
    this.#witness = witness;
  }

  /** Each image as far as its head start leads. */
  async prepare(headStarts: readonly number[]): Promise<void> {
    for (const [at, moves] of headStarts.entries()) {
      const plan = IMAGES[at];
      if (plan === undefined || moves === 0) continue;
      await this.#alone(`start-${plan.name}`, async (actor) => {
        await register(actor, plan);
        for (let move = 1; move < moves; move += 1) {
          const placement = await actor.images.load(plan.name);
          if (placement !== null) await advance(actor, placement);
        }
      });
    }
  }

  async run({ actors, turns }: Schedule): Promise<void> {
    const planned = new Map(actors.map((plan, at) => [`${plan.program}-${at}`, plan]));
    for (const [name, plan] of planned) await this.#enter(name, plan);
    for (const turn of turns.flatMap(inCalls)) {
      const struck = await this.#take(turn);
      const plan = struck === null ? undefined : planned.get(struck.split("+")[0] ?? "");
      // Who died is started again.
      if (struck !== null && plan !== undefined) await this.#enter(`${struck}+`, plan);
    }
    await this.#finish();
  }

  /** Without faults, every row comes to rest. */
  async comeToRest(): Promise<void> {
    await this.#alone("survivor", async (actor) => {
      for (;;) {
        const { rows, nextDueAtMs, nowMs } = await actor.images.due(10);
        if (rows.length === 0 && nextDueAtMs === null) return;
        if (rows.length === 0) await this.#pass((nextDueAtMs ?? nowMs) - nowMs);
        for (const row of rows) {
          const placement = await actor.images.load(row.name);
          if (placement !== null) await advance(actor, placement);
        }
        // As every sweep does: what a collection that died has begun would keep others waiting for ever.
        const left = await actor.work.findGarbage("leaving");
        if (left.blobs.length + left.layers.length > 0) await actor.work.sweepGarbage(left);
      }
    });
    for (const { name, state, target } of (await this.#look()).placements) {
      if (state !== "FAILED" && state !== target) this.findings.push(`${name} rests in ${state} instead of ${target}`);
    }
    this.#stopIfBroken();
  }

  /** Nothing is left when every image is removed and garbage is collected. */
  async removeAll(): Promise<void> {
    await this.#alone("remover", async (actor) => {
      for (const { name } of IMAGES) {
        const placement = await actor.images.load(name);
        const wish = { target: "REMOVED" as const, opId: actor.newOp() };
        if (placement !== null) await actor.images.changeTarget(placement, wish);
      }
    });
    await this.comeToRest();
    await this.#alone("last-collector", async ({ work }) => {
      await work.sweepGarbage(await work.markGarbage("unreferenced"));
    });
    const { placements, works } = await this.#look();
    this.findings.push(...placements.map(({ name }) => `${name} is still there`), ...works.map(({ key }) => key));
    this.#stopIfBroken();
  }

  #actor(plan: ActorPlan): Actor {
    const onReply: OnReply = (call, reply) => {
      this.#reply = reply;
      this.#writes.answered(call, reply);
      this.#witness.answered(call, reply);
    };
    return createActor(plan, this.#database, this.#turns, onReply);
  }

  async #alone(name: string, program: (actor: Actor) => Promise<void>): Promise<void> {
    const actor = this.#actor({ name, choices: [] });
    await this.#turns.enter(name, () => program(actor));
    await this.#finish();
  }

  async #enter(name: string, { program, rounds, choices }: PlannedActor): Promise<void> {
    const actor = this.#actor({ name, choices });
    await this.#turns.enter(name, () => PROGRAMS[program](actor, rounds));
  }

  async #finish(): Promise<void> {
    for (let calls = 0; this.#turns.ready.length > 0; calls += 1) {
      if (calls > CALLS_TO_REST) this.findings.push(`no rest after ${calls} calls`);
      this.#stopIfBroken();
      await this.#take({ do: "call", pick: 0, times: 1, fault: "none" });
    }
  }

  /** The name of the actor that died of it, or null. */
  async #take(turn: Turn): Promise<string | null> {
    if (turn.do === "lapse") {
      await this.#pass(turn.ms);
      return null;
    }
    const { ready } = this.#turns;
    const waiting = ready[turn.pick % Math.max(1, ready.length)];
    if (waiting === undefined) return null;
    const isTurn = turn.fault !== "late" || waiting.kind === "repeatable write";
    this.#fault = isTurn ? turn.fault : "none";
    this.#witness.struck(this.#fault);
    this.#reply = undefined;
    const before = (this.#snapshot ??= await takeSnapshot(this.#database));
    await this.#turns.give(waiting, this.#fault);
    const after = waiting.kind === "read" ? before : await this.#look();
    const { actor, name, args } = waiting.call;
    if (SPOILING.has(name)) for (const digest of spoiledBy(args)) this.#spoiled.add(digest);
    this.log.push(`${actor}: ${name} ${describeArgs(args)}${faultOf(this.#fault)}${describeReply(this.#reply)}`);
    if (this.#turns.failure !== null) this.findings.push(this.#turns.failure);
    const step = { call: waiting.call, reply: this.#reply, before, after, spoiled: this.#spoiled };
    for (const [promise, findingsOf] of Object.entries(INVARIANTS)) {
      this.findings.push(...findingsOf(step).map((finding) => `${promise}: ${finding}`));
    }
    this.findings.push(...this.#writes.findings(step));
    this.#stopIfBroken();
    return this.#fault === "crash" || this.#fault === "crash-after" ? actor : null;
  }

  async #pass(ms: number): Promise<void> {
    await this.#database.advance(ms);
    this.log.push(`${ms} ms pass`);
    this.#snapshot = null;
  }

  async #look(): Promise<Snapshot> {
    return (this.#snapshot = await takeSnapshot(this.#database));
  }

  #stopIfBroken(): void {
    if (this.findings.length > 0) throw new BrokenPromise();
  }
}

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
function spoiledBy(args: readonly unknown[]): string[] {
  const digests = IMAGES.flatMap(({ layers }) => layers);
  const named = digests.filter((digest) => args.includes(digest));
  return digests.filter((digest) => named.some((other) => diffIdOf(other) === diffIdOf(digest)));
}

function faultOf(fault: Fault): string {
  return fault === "none" ? "" : ` [${fault}]`;
}

function describeArgs(args: readonly unknown[]): string {
  return args.map((arg) => brief(arg, ["name", "move", "state", "version", "fence", "target", "opId"])).join(" ");
}

function describeReply(reply: unknown): string {
  if (reply === undefined || reply === null) return "";
  return ` -> ${brief(reply, ["kind", "state", "version", "fence", "isNew"])}`;
}

/** Of an object only what tells one step from another. */
function brief(value: unknown, keys: readonly string[]): string {
  if (typeof value === "string") return value.replace(/^(sha256:.)\w+$/, "$1");
  if (typeof value !== "object" || value === null) return String(value);
  const shown = Object.entries(value).filter(([key, each]) => keys.includes(key) && each !== undefined);
  return shown.map(([, each]) => String(each)).join("/");
}
