import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Faults, parseFaults, withoutBadAnswer } from "./faults.ts";
import { sendFaulty } from "./faulty-body.ts";

/** One request, and what became of it. */
export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  status: number;
  /** First byte of the object that the answer's body has. */
  firstByte: number;
  /** Body bytes that the kernel took. */
  sentBytes: number;
}

export interface FaultyServer {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly origin: string;
  readonly log: readonly LoggedRequest[];
  /** Answers that are not finished. */
  readonly openConnections: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface FaultyServerOptions {
  /** What every path holds. */
  readonly object: Buffer;
  /** PEM; makes it https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A real HTTP server on loopback that serves one object, with the faults that each URL's query names. */
export async function startFaultyServer({ object, tls }: FaultyServerOptions): Promise<FaultyServer> {
  const log: LoggedRequest[] = [];
  const seen = new Map<string, number>();
  const listener: RequestListener = (request, response) => {
    const target = request.url ?? "/";
    const entry = {
      method: request.method ?? "",
      target,
      headers: request.headers,
      status: 0,
      firstByte: 0,
      sentBytes: 0,
    };
    log.push(entry);
    const times = (seen.get(target) ?? 0) + 1;
    seen.set(target, times);
    const url = new URL(target, "http://127.0.0.1");
    void answer({ request, response, entry, url, times, faults: parseFaults(url.searchParams), object });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    log,
    openConnections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: LoggedRequest;
  readonly url: URL;
  /** How often this URL has been asked for, this one included. */
  readonly times: number;
  readonly faults: Faults;
  readonly object: Buffer;
}

async function answer(exchange: Exchange): Promise<void> {
  const { response, faults, times } = exchange;
  await sleep(faults.delay);
  const location = redirectOf(exchange);
  if (location !== null) return end(exchange, 302, { location });
  if (faults.status !== null && times <= faults.times) {
    const headers = faults.retryAfter === null ? {} : { "retry-after": faults.retryAfter };
    return end(exchange, faults.status, headers);
  }
  const object = faults.isReplaced && times > 1 ? exchange.object.map((byte) => byte ^ 0xff) : exchange.object;
  const etag = etagOf(object, faults, times);
  if (etag !== null) response.setHeader("etag", etag);
  if (faults.modified !== null) response.setHeader("last-modified", faults.modified);
  if (faults.encoding !== null) response.setHeader("content-encoding", faults.encoding);
  const first = firstByteOf(exchange, etag);
  if (first >= object.length && first > 0) return end(exchange, 416, { "content-range": `bytes */${object.length}` });
  await sendObject(
    times <= faults.badAnswers ? exchange : { ...exchange, faults: withoutBadAnswer(faults) },
    object,
    first,
  );
}

async function sendObject({ response, entry, faults }: Exchange, object: Uint8Array, first: number): Promise<void> {
  entry.status = first > 0 ? 206 : 200;
  entry.firstByte = first;
  const rest = Buffer.from(object.buffer, object.byteOffset + first, object.length - first);
  const body = faults.long === 0 ? rest : Buffer.concat([rest, Buffer.alloc(faults.long)]);
  if (first > 0) {
    const shown = first + faults.badRange;
    response.setHeader("content-range", `bytes ${shown}-${object.length - 1}/${object.length}`);
  }
  if (!faults.isChunked) response.setHeader("content-length", body.length - faults.long + faults.short);
  response.writeHead(entry.status);
  await sendFaulty(response, body, faults, (sentBytes) => {
    entry.sentBytes = sentBytes;
  });
}

function end({ response, entry }: Exchange, status: number, headers: Record<string, string>): void {
  entry.status = status;
  response.writeHead(status, headers);
  response.end(`this is the text of a ${status}\n`);
}

function redirectOf({ url, faults }: Exchange): string | null {
  if (faults.isLoop) return `${url.pathname}${url.search}`;
  if (faults.redirect <= 0) return null;
  if (faults.to !== null && faults.redirect === 1) return faults.to;
  const next = new URL(url);
  next.searchParams.set("redirect", String(faults.redirect - 1));
  return `${next.pathname}${next.search}`;
}

function etagOf(object: Uint8Array, { etag }: Faults, times: number): string | null {
  const tag = `"${tagOf(object)}"`;
  switch (etag) {
    case "none":
      return null;
    case "weak":
      return `W/${tag}`;
    case "rotate":
      return `"${times}"`;
    default:
      return tag;
  }
}

const tags = new WeakMap<Uint8Array, string>();

/** Once an object: a large one is asked for many times. */
function tagOf(object: Uint8Array): string {
  const known = tags.get(object) ?? sha256(object).slice(7, 23);
  tags.set(object, known);
  return known;
}

function firstByteOf({ request, faults }: Exchange, etag: string | null): number {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  if (range === null || faults.ignoresRange) return 0;
  const condition = request.headers["if-range"];
  const isSame = condition === undefined || condition === etag || condition === faults.modified;
  return isSame || faults.ignoresIfRange ? Number(range[1]) : 0;
}
