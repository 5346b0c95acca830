import type { Readable } from "node:stream";
import type { AnswerHeaders } from "./answer-headers.ts";
import { createDirectTransport } from "./direct-transport.ts";

export type RequestHeaders = Readonly<Record<string, string>>;

/** An answer whose body has not been read: read it to its end or `drop` it. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Readable;
}

/** HTTP/1.1. Whoever reads a body bounds how long that may take. */
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
  /** How long a connection may take to be made. */
  readonly connectTimeoutMs: number;
  /** From the request to the answer's headers. */
  readonly answerTimeoutMs: number;
}

const CONNECT_MS = 10_000;
const PROXY_VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] as const;

/**
 * The way to the servers: through the proxies that the environment names, else direct. Only the proxies need undici, which
 * takes longer to load than a small image to fetch.
 */
export async function createTransport(answerTimeoutMs: number): Promise<Transport> {
  const options = { connectTimeoutMs: CONNECT_MS, answerTimeoutMs };
  if (PROXY_VARIABLES.every((name) => (process.env[name] ?? "") === "")) return createDirectTransport(options);
  const { createProxiedTransport } = await import("./proxied-transport.ts");
  return createProxiedTransport(options);
}

/** Ends an answer that nobody reads further, and its connection with it. */
export function drop({ body }: Answer): void {
  // The error that destroying an unread body emits is our own doing.
  body.on("error", () => {}).destroy();
}
