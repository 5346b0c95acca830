import type { Target } from "../../core/lifecycle/image.ts";
import { isResting } from "../../core/lifecycle/next-move.ts";
import type { ImageJson } from "../http/wire.ts";
import type { Client } from "./client.ts";
import { ABORTED, pause, untilAborted } from "./wait.ts";

/** An image on its way to a target, and who wants to know. */
export interface Journey {
  readonly client: Client;
  /** As it is when the journey begins. */
  readonly image: ImageJson;
  readonly wanted: Target;
  /** Called with every look at the image. */
  readonly onLook: (image: ImageJson) => void;
  /** Ends the journey, not the work; the store's `close` releases what this process holds of it. */
  readonly signal: AbortSignal;
}

/** Where a journey ended. */
export type Arrival =
  | { readonly kind: "reached"; readonly image: ImageJson }
  /** With the image as it was last. */
  | { readonly kind: "gone"; readonly image: ImageJson }
  /** FAILED, or at rest short of the target. */
  | { readonly kind: "failed"; readonly image: ImageJson }
  /** Another target was set meanwhile, by a person or because the image is in use. */
  | { readonly kind: "overruled"; readonly image: ImageJson }
  /** The signal fired. */
  | { readonly kind: "stopped"; readonly image: ImageJson };

/**
 * Drives an image to its target by one transition after another, whoever else may be at it: what a worker holds is
 * waited for, what nobody holds is made here.
 */
export async function drive(journey: Journey): Promise<Arrival> {
  let { image } = journey;
  for (;;) {
    journey.onLook(image);
    const arrival = arrivalOf(image, journey.wanted);
    if (arrival !== null) return arrival;
    const step = await untilAborted(stepFrom(journey, image), journey.signal);
    if (step === ABORTED) return { kind: "stopped", image };
    if (step === null) return { kind: "gone", image };
    image = step;
  }
}

function arrivalOf(image: ImageJson, wanted: Target): Arrival | null {
  if (image.state === "REMOVED") return { kind: "gone", image };
  if (image.target !== wanted) return { kind: "overruled", image };
  if (image.state === wanted) return { kind: "reached", image };
  return isResting(image.state, image.target) ? { kind: "failed", image } : null;
}

// One transition, or the wait until one may be worth trying; then the image as it is, null when it is gone.
async function stepFrom(journey: Journey, before: ImageJson): Promise<ImageJson | null> {
  const { client } = journey;
  const advance = await client.advance(before.name);
  if (advance.kind === "gone") return null;
  if (advance.kind === "moved") return advance.image;
  return lookUntilChanged(journey, before, advance.kind === "at-rest" ? SHORT_MS : advance.retryAfterMs);
}

const SHORT_MS = 50;
const LONG_MS = 1000;

// Ever more seldom, until it moved, until it is free and due, or until the server's own time is over.
async function lookUntilChanged(
  { client, onLook, signal }: Journey,
  before: ImageJson,
  retryAfterMs: number,
): Promise<ImageJson | null> {
  const againAtMs = performance.now() + retryAfterMs;
  for (let pauseMs = SHORT_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONG_MS)) {
    await pause(Math.min(pauseMs, Math.max(SHORT_MS, againAtMs - performance.now())), signal);
    const image = await client.find(before.name);
    if (image === null) return null;
    const isFree = image.worker === null && image.dueAtMs !== null && image.dueAtMs <= Date.now();
    const hasMoved = image.version !== before.version || image.generation !== before.generation;
    if (hasMoved || isFree || performance.now() >= againAtMs) return image;
    onLook(image);
  }
  return before;
}
