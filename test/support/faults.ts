/**
 * What a faulty server does to an answer, as its URL's query asks. Byte counts are of the answer's own body, so that a
 * client that resumes meets the fault again further on.
 */
export interface Faults {
  /** Closes the connection after so many bytes. */
  readonly cut: number | null;
  /** Resets it (RST) after so many bytes. */
  readonly reset: number | null;
  /** Says nothing more after so many bytes, and keeps the connection. */
  readonly stall: number | null;
  /** Only so many of its answers are cut, reset, stalled, slow or said to begin elsewhere. */
  readonly badAnswers: number;
  /** Sends so many bytes every `every` milliseconds. */
  readonly trickle: number | null;
  readonly every: number;
  /** Announces so many bytes more than it sends. */
  readonly short: number;
  /** Sends so many bytes more than it announces. */
  readonly long: number;
  /** Sends no Content-Length. */
  readonly isChunked: boolean;
  /** Says in Content-Range that the part begins so many bytes further on. */
  readonly badRange: number;
  readonly ignoresRange: boolean;
  readonly ignoresIfRange: boolean;
  /** `strong`, `weak`, `none`, or another tag with every answer (`rotate`). */
  readonly etag: string;
  /** HTTP date, for Last-Modified. */
  readonly modified: string | null;
  /** From the second request for the URL on, the object is another one of the same size. */
  readonly isReplaced: boolean;
  /** Answers so instead, the first `times` times. */
  readonly status: number | null;
  readonly times: number;
  readonly retryAfter: string | null;
  /** Redirects so many times before it answers; with `to`, there. */
  readonly redirect: number;
  readonly to: string | null;
  readonly isLoop: boolean;
  /** Milliseconds before the answer's headers. */
  readonly delay: number;
  readonly encoding: string | null;
}

/** The faults of an answer that is one of those that go well. */
export function withoutBadAnswer(faults: Faults): Faults {
  return { ...faults, cut: null, reset: null, stall: null, trickle: null, badRange: 0 };
}

export function parseFaults(query: URLSearchParams): Faults {
  const count = (name: string): number | null => (query.has(name) ? Number(query.get(name)) : null);
  return {
    cut: count("cut"),
    reset: count("reset"),
    stall: count("stall"),
    trickle: count("trickle"),
    badAnswers: count("bad") ?? Number.POSITIVE_INFINITY,
    every: count("every") ?? 10,
    short: count("short") ?? 0,
    long: count("long") ?? 0,
    isChunked: query.has("chunked"),
    badRange: count("badrange") ?? 0,
    ignoresRange: query.has("ignorerange"),
    ignoresIfRange: query.has("ignoreifrange"),
    etag: query.get("etag") ?? "strong",
    modified: query.get("modified"),
    isReplaced: query.has("replaced"),
    status: count("status"),
    times: count("times") ?? Number.POSITIVE_INFINITY,
    retryAfter: query.get("retryafter"),
    redirect: count("redirect") ?? 0,
    to: query.get("to"),
    isLoop: query.has("loop"),
    delay: count("delay") ?? 0,
    encoding: query.get("encoding"),
  };
}
