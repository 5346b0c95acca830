import type { Settings } from "../../core/settings.ts";
import type { InProcessCall } from "../http/in-process.ts";
import type { Answer } from "../http/route-call.ts";

/** One process's store: the HTTP functions in process, and what only a process can do. */
export interface Runtime {
  readonly settings: Settings;
  /** The HTTP functions (`/v1/…`) for whoever has the platform's Request; without a token and without a time budget. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The same functions for callers that have none. */
  readonly call: (call: InProcessCall) => Promise<Answer>;
  /** Sweeps until `signal` fires, or with `once` until nothing is due now. Resolves when nothing of it is under way. */
  readonly work: (options: WorkOptions) => Promise<void>;
  /** Listens; resolves when it accepts. */
  readonly serve: () => Promise<Listening>;
  /** What this machine can do, by trying. */
  readonly diagnose: () => Promise<readonly Diagnosis[]>;
  /** Settles or releases what is under way (within 10 s) and lets the process end. */
  readonly close: () => Promise<void>;
}

export interface WorkOptions {
  readonly once: boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: WorkEvent) => void;
}

/** A transition or a failed attempt of the worker, for its log. */
export interface WorkEvent {
  readonly name: string;
  readonly move: string;
  readonly toState: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly durationMs: number;
}

export interface Listening {
  /** `http://HOST:PORT` or `unix:PATH`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface Diagnosis {
  readonly subject: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The one command or setting that makes it better. */
  readonly hint: string | null;
}
