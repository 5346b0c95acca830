import { once } from "node:events";
import { chmodSync, existsSync, unlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { codeOf } from "../../adapters/linux/errno.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { Settings } from "../../core/settings.ts";
import { refuseClient } from "./refuse-client.ts";
import type { Listening } from "./runtime.ts";

/** Slow and idle clients are let go after these, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 30_000;

/** How often is looked for them. */
const CLIENTS_CHECKED_EVERY_MS = 1000;

const MAX_CONNECTIONS = 1024;

/** How long requests under way may still take when the server is to end, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5000;

type FetchHandler = (request: Request) => Response | Promise<Response>;

/**
 * Serves the HTTP functions on `HOST:PORT` or `unix:PATH` (0600).
 * @throws {ImgstoreError} LISTEN_REFUSED: beyond loopback without a token, not an address, or taken
 */
export async function listen(fetch: FetchHandler, settings: Settings): Promise<Listening> {
  const address = parseAddress(settings.listen);
  if (settings.token === null && address.kind === "tcp" && !isLoopback(address.host)) {
    throw new ImgstoreError(
      "LISTEN_REFUSED",
      `listening on "${settings.listen}" without a token would open the store to everybody`,
      {
        hint: "set IMGSTORE_TOKEN, or listen on 127.0.0.1:PORT or unix:PATH",
      },
    );
  }
  const answer = getRequestListener(fetch);
  const connectionsCheckingInterval = CLIENTS_CHECKED_EVERY_MS;
  const server = createServer({ connectionsCheckingInterval }, (request, response) => void answer(request, response));
  server.on("clientError", refuseClient);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = BODY_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  await start(server, address, settings.listen);
  return { url: urlOf(server, address), close: () => stop(server) };
}

type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

function parseAddress(text: string): Address {
  if (text.startsWith("unix:") && text.length > 5) return { kind: "unix", path: text.slice(5) };
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) {
    return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  }
  throw new ImgstoreError("LISTEN_REFUSED", `"${printable(text)}" is not an address`, {
    hint: "HOST:PORT, as 127.0.0.1:7373, or unix:PATH",
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

async function start(server: Server, address: Address, shown: string): Promise<void> {
  try {
    if (address.kind === "tcp") server.listen(address.port, address.host);
    else {
      await removeStaleSocket(address.path);
      // Nobody else may connect in the moment before chmod.
      const mask = process.umask(0o177);
      server.listen(address.path);
      process.umask(mask);
    }
    await once(server, "listening");
    if (address.kind === "unix") chmodSync(address.path, 0o600);
  } catch (cause) {
    throw new ImgstoreError("LISTEN_REFUSED", `cannot listen on "${printable(shown)}": ${codeOf(cause) ?? "refused"}`, {
      cause,
      hint: "choose another address with --listen",
    });
  }
}

/** A socket that nobody listens on is what a killed server left. */
async function removeStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const { connect } = await import("node:net");
  const socket = connect(path);
  const isAlive = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  });
  socket.destroy();
  if (!isAlive) unlinkSync(path);
}

function urlOf(server: Server, address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
  return `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${port}`;
}

/** Requests under way get their answer; those that take longer than the process may are cut. */
async function stop(server: Server): Promise<void> {
  const closed = once(server, "close");
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}
