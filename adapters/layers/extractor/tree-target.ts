import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { ImgstoreError } from "../../../core/errors.ts";
import { confineThread } from "../../linux/confine.ts";
import { entryFile } from "../../package-files.ts";
import type { BuiltTree, TreeAnswer, TreeThreadOrder } from "./messages.ts";
import { createRingMemory, RingProducer } from "./plain-ring.ts";
import { TreeBuilder, type TreeOrder } from "./tree-builder.ts";

const PIECE_BYTES = 256 * 1024;

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

/** In the calling thread, which is confined from now on. */
export function buildHere(order: TreeOrder): TreeTarget {
  const builder = new TreeBuilder(order);
  const bytes = new Uint8Array(PIECE_BYTES);
  return {
    take: () => bytes,
    put: (lengthBytes, storedBytes) => builder.take({ bytes: bytes.subarray(0, lengthBytes), storedBytes }),
    finish: () => builder.finish(),
    giveUp: () => null,
  };
}

/** In a thread of its own, beside the calling one, which is confined as well. */
export function buildAside(order: TreeOrder): TreeTarget {
  const ring = createRingMemory();
  const { port1: answers, port2 } = new MessageChannel();
  const threadOrder: TreeThreadOrder = { ...order, ring, answers: port2 };
  const thread = new Worker(entryFile("adapters/layers/extractor/tree-thread"), {
    workerData: threadOrder,
    transferList: [port2],
    execArgv: [],
  });
  // it says what came of it through the ring and the port, and ends with the process
  thread.unref();
  confineThread(order.treePath);
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
