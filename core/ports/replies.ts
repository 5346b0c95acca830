/** What was answered to requests that carry an Idempotency-Key; kept for a day. */
export interface Replies {
  /**
   * Enters a request under its key, or finds what became of it. One that nobody has answered within `abandonedAfterMs`
   * (its process died) is entered anew.
   */
  enter(entry: ReplyEntry, abandonedAfterMs: number): Promise<EnteredReply>;

  /** Keeps the answer, where the entry is still ours. */
  keep(entry: ReplyEntry, reply: Reply): Promise<void>;

  /** Forgets our entry, so that a repeat is a new request. */
  forget(entry: ReplyEntry): Promise<void>;
}

export interface ReplyEntry {
  readonly key: string;
  /** Digest of method, path and body. */
  readonly request: string;
  readonly opId: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type EnteredReply =
  | { readonly kind: "entered" }
  | { readonly kind: "answered"; readonly reply: Reply }
  | { readonly kind: "being-answered" }
  /** The key was another request's. */
  | { readonly kind: "reused" };
