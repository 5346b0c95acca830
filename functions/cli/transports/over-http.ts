import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, request } from "undici";
import { ImgstoreError } from "../../../core/errors.ts";
import type { Exchange } from "../exchange.ts";

/** The routes of a server elsewhere, and the connections to it. */
export interface HttpExchange {
  readonly exchange: Exchange;
  readonly close: () => Promise<void>;
}

/**
 * Reaches the routes of a server by HTTP; proxies are taken from the environment, never for a socket.
 * @param server `http(s)://HOST:PORT` or `unix:PATH`
 * @param token sent as bearer token where it is not null
 */
export function overHttp(server: string, token: string | null): HttpExchange {
  const socketPath = /^unix:(.+)$/.exec(server)?.[1];
  const dispatcher: Dispatcher =
    socketPath === undefined ? new EnvHttpProxyAgent({ proxyTunnel: false }) : new Agent({ connect: { socketPath } });
  const base = socketPath === undefined ? server : "http://localhost";
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const exchange: Exchange = async (call) => {
    const { isWaitedFor = false } = call;
    const hasBody = call.body !== undefined;
    try {
      const { statusCode, headers, body } = await request(`${base}${call.path}`, {
        method: call.method,
        dispatcher,
        headers: {
          ...authorization,
          ...(hasBody ? { "content-type": "application/json" } : {}),
          ...(isWaitedFor ? { prefer: `wait=${LONGEST_WAIT_S}` } : {}),
        },
        ...(isWaitedFor ? { headersTimeout: 0 } : {}),
        body: hasBody ? JSON.stringify(call.body) : null,
      });
      const text = await body.text();
      return {
        call,
        status: statusCode,
        contentType: oneOf(headers["content-type"]),
        retryAfter: oneOf(headers["retry-after"]),
        text,
      };
    } catch (cause) {
      throw unreachable(server, cause);
    }
  };
  return { exchange, close: () => dispatcher.destroy() };
}

/** The most that a server takes for an answer. */
const LONGEST_WAIT_S = 86_400;

function oneOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOENT: "there is no such socket",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name cannot be looked up now",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  EACCES: "permission denied",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  UND_ERR_SOCKET: "the connection broke",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "no whole answer in time",
};

// Everything that fails below HTTP means the same to whoever asked: the server was not reached, or not for long enough.
function unreachable(server: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : null;
  if (code === null && !(cause instanceof errors.UndiciError)) return cause;
  const reason = (code === null ? undefined : REASONS[code]) ?? cause.message;
  return new ImgstoreError("SERVER_UNREACHABLE", `cannot reach the server "${server}": ${reason}`, {
    hint: "start one with `imgstore serve`, or leave --server (IMGSTORE_SERVER) away to work in process",
    cause,
  });
}
