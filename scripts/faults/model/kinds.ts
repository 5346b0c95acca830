import { isMove, MOVES } from "../../../core/lifecycle/image.ts";

const OUTCOMES: Readonly<Record<string, readonly string[]>> = {
  register: ["new", "known"],
  due: ["something"],
  load: ["something", "nothing"],
  swap: ["applied", "lost"],
  claim: ["claimed", "lost"],
  heartbeat: ["true", "false"],
  settle: ["applied", "conflict", "stale"],
  release: ["applied", "conflict", "stale"],
  changeTarget: ["applied", "lost"],
  wake: ["nothing"],
  reserve: ["reserved", "short", "stale"],
  takeBlob: ["taken", "present", "held", "stale"],
  takeLayer: ["taken", "staged", "present", "held", "stale"],
  stageLayer: ["true", "false"],
  stageAhead: ["true", "false"],
  unstageOwn: ["some", "none"],
  unstageLost: ["nothing"],
  damageBlob: ["true"],
  damageLayer: ["true"],
  markGarbage: ["some", "none"],
  markKeptBlobs: ["some", "none"],
  findGarbage: ["some", "none"],
  sweepGarbage: ["nothing"],
  markStrayBlob: ["true", "false"],
  markStrayLayer: ["true", "false"],
};

const FAULTS = ["crash", "crash-after", "lost-reply", "late", "lapse-within"] as const;

/** What races have to come to before they say anything: every call with every outcome, every move, every fault. */
export const KINDS: readonly string[] = [
  ...Object.entries(OUTCOMES).flatMap(([call, outcomes]) => outcomes.map((outcome) => `${call} ${outcome}`)),
  ...Object.keys(MOVES)
    .filter(isMove)
    .map((move) => `move ${move}`),
  ...FAULTS.map((fault) => `fault ${fault}`),
];
