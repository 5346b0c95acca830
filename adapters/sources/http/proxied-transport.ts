import { EnvHttpProxyAgent, request } from "undici";
import { answerHeaders } from "./answer-headers.ts";
import { networkError } from "./network-error.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/** Of a body that waits to be read: with less, the connection is stopped and started again for every chunk. */
const BODY_BUFFER_BYTES = 2 ** 20;

/**
 * By way of the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name: undici alone reads them. Plain http goes to a
 * proxy as a request, not through a tunnel, because proxies forbid CONNECT to port 80.
 */
export function createProxiedTransport({ connectTimeoutMs, answerTimeoutMs }: TransportOptions): Transport {
  const dispatcher = new EnvHttpProxyAgent({ proxyTunnel: false, connect: { timeout: connectTimeoutMs } });
  // with each request: of a proxy without a tunnel, the agent would forget them
  const rules = { headersTimeout: answerTimeoutMs, bodyTimeout: 0, highWaterMark: BODY_BUFFER_BYTES };
  return {
    async get(url, headers, signal) {
      try {
        const answer = await request(url, { ...rules, dispatcher, headers: { ...headers }, signal });
        return { status: answer.statusCode, headers: answerHeaders(answer.headers), body: answer.body };
      } catch (error) {
        throw networkError(error, url.href, signal);
      }
    },
    close: () => dispatcher.destroy(),
  };
}
