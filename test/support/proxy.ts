import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { pipeline } from "node:stream";

export interface Proxy {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What it was asked for: `GET http://…` or `CONNECT host:port`. */
  readonly log: readonly string[];
  readonly close: () => Promise<void>;
}

/** A real HTTP proxy on loopback: forwards plain requests, tunnels CONNECT; with credentials it asks for them. */
export async function startProxy({ credentials }: { readonly credentials?: string } = {}): Promise<Proxy> {
  const log: string[] = [];
  const tunnels = new Set<Socket>();
  const isAllowed = ({ headers }: IncomingMessage): boolean =>
    credentials === undefined ||
    headers["proxy-authorization"] === `Basic ${Buffer.from(credentials).toString("base64")}`;

  const server = createServer((incoming, outgoing) => {
    log.push(`${incoming.method} ${incoming.url}`);
    if (isAllowed(incoming)) forward(incoming, outgoing);
    else outgoing.writeHead(407).end();
  });
  server.on("connect", (incoming: IncomingMessage, client: Socket) => {
    log.push(`CONNECT ${incoming.url}`);
    if (!isAllowed(incoming)) return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      tunnels.add(socket);
      // Either side's failure ends the other, which is all that a tunnel says of it.
      socket.on("error", () => {});
      socket.on("close", () => [client, upstream].forEach((end) => end.destroy()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    async close() {
      for (const socket of tunnels) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const upstream = request(incoming.url ?? "", { method: incoming.method, headers: incoming.headers });
  upstream.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    // an answer that is cut is cut for the client, too
    pipeline(answer, outgoing, () => {});
  });
  upstream.on("error", () => outgoing.destroy());
  outgoing.on("close", () => upstream.destroy());
  incoming.pipe(upstream);
}
