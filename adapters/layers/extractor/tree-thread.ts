import { workerData } from "node:worker_threads";
import { asImgstoreError, recorded } from "../../../core/errors.ts";
import { type Confinement, joinConfinement } from "../../linux/confine.ts";
import { unpackError } from "../tree/unpack-error.ts";
import { ConfinementGate } from "./confinement-gate.ts";
import type { TreeAnswer, TreeThreadOrder } from "./messages.ts";
import { RingConsumer } from "./plain-ring.ts";
import { TreeBuilder } from "./tree-builder.ts";

/** A thread that makes a tree of the pieces that come through a ring, says what came of it, and ends. */
function run({ ring: memory, answers, ...order }: TreeThreadOrder): void {
  const ring = new RingConsumer(memory);
  const answer = build(ring, order);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
  if (answer !== null) answers.postMessage(answer);
  ring.leave();
}

/** Null where there was no whole archive, and nothing was wrong with what came of it. */
function build(ring: RingConsumer, { gate, ...order }: Omit<TreeThreadOrder, "ring" | "answers">): TreeAnswer | null {
  try {
    const builder = new TreeBuilder(order, () => joinThrough(new ConfinementGate(gate)));
    for (let piece = ring.next(); piece !== "given-up"; piece = ring.next()) {
      if (piece === "whole") return { kind: "built", tree: builder.finish() };
      builder.take(piece);
      ring.done();
    }
    return null;
  } catch (error) {
    return { kind: "failed", error: recorded(asImgstoreError(unpackError(error, null))) };
  }
}

function joinThrough(gate: ConfinementGate): Confinement {
  const confinement = gate.wait();
  joinConfinement(confinement);
  return confinement;
}

run(workerData);
