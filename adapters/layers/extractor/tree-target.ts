import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { ImgstoreError } from "../../../core/errors.ts";
import { refuseCalls } from "../../linux/call-filter.ts";
import { type Confinement, confine } from "../../linux/confine.ts";
import { entryFile } from "../../package-files.ts";
import { ConfinementGate } from "./confinement-gate.ts";
import type { BuiltTree, TreeAnswer, TreeThreadOrder } from "./messages.ts";
import { createRingMemory, PIECE_BYTES, RingProducer } from "./plain-ring.ts";
import { TreeBuilder, type TreeOrder } from "./tree-builder.ts";

/** What the pieces of a plain archive become a tree by. */
export interface TreeTarget {
  /** Memory for the next piece. @throws {ImgstoreError} what an earlier one was refused for */
  take(): Uint8Array;
  /** The piece that was taken last is filled. */
  put(lengthBytes: number, storedBytes: number): void;
  /** There are no more. @throws {ImgstoreError} */
  finish(): BuiltTree;
  /** The archive could not be read on: what was wrong with it before that, if anything was. */
  giveUp(): ImgstoreError | null;
}

/** In the calling thread. The process is confined from now on. */
export function buildHere(order: TreeOrder): TreeTarget {
  const builder = new TreeBuilder(order, () => closeOff(order.treePath, "process"));
  const bytes = new Uint8Array(PIECE_BYTES);
  return {
    take: () => bytes,
    put: (lengthBytes, storedBytes) => builder.take({ bytes: bytes.subarray(0, lengthBytes), storedBytes }),
    finish: () => builder.finish(),
    giveUp: () => null,
  };
}

/**
 * In a thread of its own, beside the calling one. That is confined from now on; the other one has yet to be loaded, and
 * takes the rest of the process along when it has been.
 */
export function buildAside(order: TreeOrder): TreeTarget {
  const ring = createRingMemory();
  const { port1: answers, port2 } = new MessageChannel();
  const gate = new ConfinementGate();
  const threadOrder: TreeThreadOrder = { ...order, gate: gate.memory, ring, answers: port2 };
  const thread = new Worker(entryFile("adapters/layers/extractor/tree-thread"), {
    workerData: threadOrder,
    transferList: [port2],
    execArgv: [],
  });
  // it says what came of it through the ring and the port, and ends with the process
  thread.unref();
  gate.open(closeOff(order.treePath, "thread"));
  const producer = new RingProducer(ring);
  return {
    take: () => {
      const piece = producer.take();
      if (piece === null) throw failureIn(answers) ?? new Error("the tree's thread left without a word");
      return piece;
    },
    put: (lengthBytes, storedBytes) => producer.put(lengthBytes, storedBytes),
    finish: () => {
      producer.end(true);
      const answer = answerIn(answers);
      if (answer?.kind === "built") return answer.tree;
      throw asError(answer) ?? new Error("the tree's thread left without a word");
    },
    giveUp: () => {
      producer.end(false);
      return failureIn(answers);
    },
  };
}

/** No system call that nobody needs here is left to any thread before the first byte is looked at. */
function closeOff(treePath: string, whose: "thread" | "process"): Confinement {
  const confinement = confine(treePath, whose);
  refuseCalls();
  return confinement;
}

function answerIn(port: MessagePort): TreeAnswer | null {
  const received: { readonly message: TreeAnswer } | undefined = receiveMessageOnPort(port);
  return received?.message ?? null;
}

function failureIn(port: MessagePort): ImgstoreError | null {
  return asError(answerIn(port));
}

function asError(answer: TreeAnswer | null): ImgstoreError | null {
  if (answer?.kind !== "failed") return null;
  const { code, message, hint } = answer.error;
  return new ImgstoreError(code, message, hint === null ? {} : { hint });
}
