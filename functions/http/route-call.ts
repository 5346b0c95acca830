import type { Engine } from "../engine.ts";

/** A request, as far as handlers read it: a server's, or the command's in this process. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly query: Readonly<Record<string, string>>;
  /** By its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /**
   * The whole body; the same again when asked again.
   * @throws {ImgstoreError} BODY_TOO_LARGE, INVALID_BODY (not UTF-8)
   */
  readonly readText: () => Promise<string>;
}

/** A request on its way to a handler. */
export interface RouteCall {
  readonly engine: Engine;
  readonly request: HttpRequest;
  /** What stands in the path for `:name` and `:move`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** How long a request may take where it does not say; null: until its act ends. */
  readonly budgetMs: number | null;
}

/** What a handler answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or empty. */
  readonly body: string;
}

export type Handler = (call: RouteCall) => Promise<Answer>;
