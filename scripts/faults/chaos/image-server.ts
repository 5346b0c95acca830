import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Digest } from "../../../core/digests.ts";

export interface ServedImage {
  readonly url: string;
  readonly digest: Digest;
}

export interface ImageServer {
  readonly images: readonly ServedImage[];
  readonly close: () => Promise<void>;
}

/** How long the second half of an image is kept back at most, in milliseconds: so that there is work to be killed in. */
const LONGEST_PAUSE_MS = 2000;

/**
 * Makes `count` small root file systems, each with another content, and serves them on the loopback address, slowly.
 * @param random numbers from 0 to below 1
 */
export async function serveImages(directory: string, count: number, random: () => number): Promise<ImageServer> {
  const files = Array.from({ length: count }, (_, index) => readFileSync(pack(directory, index)));
  const server = createServer((request, response) => {
    const file = files[Number(/^\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN)];
    if (file === undefined) response.writeHead(404).end();
    else {
      const half = Math.floor(file.length / 2);
      response.writeHead(200, { "content-length": file.length }).write(file.subarray(0, half));
      setTimeout(() => response.end(file.subarray(half)), random() * LONGEST_PAUSE_MS);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    images: files.map((file, index) => ({
      url: `http://127.0.0.1:${address.port}/${index}`,
      digest: `sha256:${createHash("sha256").update(file).digest("hex")}`,
    })),
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pack(directory: string, index: number): string {
  const tree = join(directory, `tree-${index}`);
  mkdirSync(join(tree, "etc"), { recursive: true });
  writeFileSync(join(tree, "etc", "content"), `content ${index}\n`.repeat(1500));
  const path = join(directory, `${index}.tar.gz`);
  execFileSync("tar", ["--owner=0", "--group=0", "-C", tree, "-czf", path, "."]);
  return path;
}
