import { type ErrorCode, ImgstoreError } from "../../../core/errors.ts";
import { redacted } from "../../../core/source-url.ts";
import { interrupted } from "../interrupted.ts";

/**
 * A failure of an HTTP client or of the network under it as what it means for the fetch. What is neither stays what it is.
 * @param url with its secrets; the message shows it redacted
 */
export function networkError(thrown: unknown, url: string, signal: AbortSignal): unknown {
  if (thrown instanceof ImgstoreError) return thrown;
  const shown = redacted(url);
  if (signal.aborted) return interrupted(shown, signal);
  if (!(thrown instanceof Error)) return thrown;
  const meaning = meaningOf(thrown);
  if (meaning === null) return thrown;
  const { code, words, hint } = meaning;
  return new ImgstoreError(code, `cannot fetch "${shown}": ${words}`, {
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Meaning {
  readonly code: ErrorCode;
  readonly words: string;
  readonly hint?: string;
}

function meaningOf(error: Error): Meaning | null {
  const name = "code" in error && typeof error.code === "string" ? error.code : "";
  // Node's word for an answer that ends too early, whether the connection was closed or reset
  if (name === "ECONNRESET" && error.message === "aborted") return { code: "SOURCE_UNAVAILABLE", words: CUT };
  const words = UNAVAILABLE[name];
  if (words !== undefined) return { code: "SOURCE_UNAVAILABLE", words };
  if (STALLED.has(name)) return { code: "SOURCE_STALLED", words: "the server does not answer" };
  if (CERTIFICATE.test(name)) {
    return {
      code: "SOURCE_REFUSED",
      words: `the server's certificate is not trusted (${name})`,
      hint: "check the host name and the clock; a private authority is trusted by NODE_EXTRA_CA_CERTS=FILE",
    };
  }
  if (PROXY_WANTS_CREDENTIALS.test(error.message)) {
    return {
      code: "SOURCE_FORBIDDEN",
      words: "the proxy asks for credentials",
      hint: "put them into the proxy's URL: http://USER:PASSWORD@HOST:PORT",
    };
  }
  if (PROXY_REFUSED.test(error.message)) return { code: "SOURCE_UNAVAILABLE", words: "the proxy opened no tunnel" };
  if (/^(?:ERR_SSL_|ERR_TLS_|EPROTO)/.test(name)) {
    return { code: "SOURCE_UNAVAILABLE", words: `no encrypted connection could be made (${name})` };
  }
  // HPE_: the parser's word for an answer that is no HTTP.
  if (/^(?:HPE_|UND_ERR_HEADERS_OVERFLOW)/.test(name)) {
    return { code: "SOURCE_UNAVAILABLE", words: `the server's answer is not HTTP (${name})` };
  }
  return null;
}

const CUT = "the connection was closed before the answer was complete";

const UNAVAILABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was reset",
  ECONNABORTED: "the connection was aborted",
  EPIPE: "the connection was closed",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name cannot be resolved at the moment",
  EAI_FAIL: "the host name cannot be resolved",
  EHOSTUNREACH: "the host cannot be reached",
  EHOSTDOWN: "the host is down",
  ENETUNREACH: "the network cannot be reached",
  ENETDOWN: "the network is down",
  EADDRNOTAVAIL: "no local address is free for the connection",
  ETIMEDOUT: "the connection timed out",
  EMFILE: "this process has too many open files",
  UND_ERR_CONNECT_TIMEOUT: "no connection could be made in time",
  UND_ERR_SOCKET: CUT,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer was cut short",
  UND_ERR_DESTROYED: "the connections were closed",
  UND_ERR_CLOSED: "the connections were closed",
};

/** Our own word for a server that took the request and says nothing. */
export const NO_ANSWER = "ERR_NO_ANSWER";

const STALLED: ReadonlySet<string> = new Set([NO_ANSWER, "UND_ERR_HEADERS_TIMEOUT"]);
const CERTIFICATE =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;
const PROXY_WANTS_CREDENTIALS = /Proxy Authentication Required|Proxy response \(407\)/;
const PROXY_REFUSED = /^Proxy response \(\d+\)/;
