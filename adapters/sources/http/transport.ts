import type { Readable } from "node:stream";
import { EnvHttpProxyAgent, request } from "undici";
import { type AnswerHeaders, answerHeaders } from "./answer-headers.ts";
import { networkError } from "./network-error.ts";

export type RequestHeaders = Readonly<Record<string, string>>;

/** An answer whose body has not been read: read it to its end or `drop` it. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Readable;
}

export interface Transport {
  /**
   * One request, no redirects followed.
   * @throws {ImgstoreError} SOURCE_UNAVAILABLE, SOURCE_STALLED, SOURCE_REFUSED (certificate), INTERRUPTED
   */
  get(url: URL, headers: RequestHeaders, signal: AbortSignal): Promise<Answer>;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

export interface TransportOptions {
  /** From the request to the answer's headers. */
  readonly answerTimeoutMs: number;
  /** Whether the body's reader bounds its rate; else a silent body is given up after `SILENCE_MS`. */
  readonly isRateBounded: boolean;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 300_000;

/**
 * HTTP/1.1 over undici. It alone reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY; plain http goes to a proxy as a request, not
 * through a tunnel, because proxies forbid CONNECT to port 80.
 */
export function createTransport({ answerTimeoutMs, isRateBounded }: TransportOptions): Transport {
  const dispatcher = new EnvHttpProxyAgent({
    proxyTunnel: false,
    connect: { timeout: CONNECT_MS },
    headersTimeout: answerTimeoutMs,
    bodyTimeout: isRateBounded ? 0 : SILENCE_MS,
  });
  return {
    async get(url, headers, signal) {
      try {
        const answer = await request(url, { dispatcher, headers: { ...headers }, signal });
        return { status: answer.statusCode, headers: answerHeaders(answer.headers), body: answer.body };
      } catch (error) {
        throw networkError(error, url.href, signal);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** Ends an answer that nobody reads further, and its connection with it. */
export function drop({ body }: Answer): void {
  // The error that destroying an unread body emits is our own doing.
  body.on("error", () => {}).destroy();
}
