/** One call of a route. */
export interface Call {
  readonly method: string;
  /** With its query, from `/v1` on. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** The answer is waited for until it is there, and not only as long as a request may take. */
  readonly isWaitedFor?: boolean;
}

/** What a route answered, read to its end. */
export interface Reply {
  readonly call: Call;
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  readonly text: string;
}

/**
 * A way of reaching the routes: in process or over HTTP. Answers are answers, whatever their status.
 * @throws {ImgstoreError} SERVER_UNREACHABLE
 */
export type Exchange = (call: Call) => Promise<Reply>;
