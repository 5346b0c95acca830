import * as fc from "fast-check";
import { LEASE_MS } from "./actor.ts";
import { IMAGES } from "./images.ts";
import type { PlannedActor, Schedule, Turn } from "./schedule.ts";
import type { Fault } from "./turns.ts";

// Of alternatives the first is the simplest: what fails shrinks towards it.
const anyTurnWith = (...deaths: readonly Fault[]): fc.Arbitrary<Turn> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("call" as const),
        pick: fc.nat(5),
        // Whoever makes several calls in a row pauses the others.
        times: fc.constantFrom(1, 2, 4, 8),
        fault: fc.oneof(
          { weight: 40, arbitrary: fc.constant("none" as const) },
          { weight: 4, arbitrary: fc.constantFrom("lost-reply", "late", "lapse-within") },
          { weight: 1, arbitrary: fc.constantFrom(...deaths) },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("lapse" as const),
        ms: fc.constantFrom(LEASE_MS, LEASE_MS - 1, 1000, 1),
      }),
    },
  );

/** Long races rather than short ones: what fails shrinks anyway. */
function long<T>(each: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> {
  return fc.noBias(fc.array(each, { maxLength, size: "max" }));
}

const anyActor = (program: PlannedActor["program"]): fc.Arbitrary<PlannedActor> =>
  fc.record({
    program: fc.constant(program),
    rounds: fc.integer({ min: 1, max: 10 }),
    choices: long(fc.nat(11), 100),
  });

// Images that are about as far contend for the same pieces.
const anyHeadStarts = fc.noBias(
  fc
    .constantFrom(2, 4, 5, 6, 7, 8, 1)
    .chain((moves) => fc.tuple(...IMAGES.map(() => fc.constantFrom(0, moves, moves + 1)))),
);

/** Two or three workers, a person, and whoever else may come between them. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  headStarts: anyHeadStarts,
  actors: fc
    .tuple(
      fc.array(anyActor("worker"), { minLength: 2, maxLength: 3 }),
      anyActor("person"),
      fc.array(fc.oneof(...(["collector", "collector", "observer"] as const).map(anyActor)), { maxLength: 2 }),
    )
    .map(([workers, person, others]) => [...workers, person, ...others]),
  turns: long(anyTurnWith("crash", "crash-after"), 100),
});

/** As `anySchedule`, of actors in one process: what dies there would keep its locks, so it is cut off instead. */
export const anyStoreSchedule: fc.Arbitrary<Schedule> = fc.record({
  headStarts: anyHeadStarts,
  actors: fc.tuple(anyActor("worker"), anyActor("worker"), anyActor("person"), anyActor("collector")),
  turns: long(anyTurnWith("cut-off"), 60),
});
