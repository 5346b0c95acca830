import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";

export interface FileServer {
  /** The one thing it serves. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves one file over HTTP on a free port of the loopback address.
 * @param bytesPerSecond makes it slow, so that a person can watch; default as fast as it goes
 */
export async function serveFile(path: string, bytesPerSecond: number = Number.POSITIVE_INFINITY): Promise<FileServer> {
  const { size } = await stat(path);
  const server = createServer((request, response) => {
    if (request.url !== `/${basename(path)}`) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-length": size, "content-type": "application/octet-stream" });
    const file = createReadStream(path, { highWaterMark: 256 * 1024 });
    // a client that hangs up closes the file, and that is no failure
    const body = Number.isFinite(bytesPerSecond) ? slowed(file, bytesPerSecond) : file;
    pipeline(body, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/${basename(path)}`,
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function* slowed(chunks: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    await delay((chunk.length / bytesPerSecond) * 1000);
    yield chunk;
  }
}
