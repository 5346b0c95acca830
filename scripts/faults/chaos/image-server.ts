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

/** Makes `count` small root file systems, each with another content, and serves them on the loopback address. */
export async function serveImages(directory: string, count: number): Promise<ImageServer> {
  const files = Array.from({ length: count }, (_, index) => readFileSync(pack(directory, index)));
  const server = createServer((request, response) => {
    const file = files[Number(/^\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN)];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": file.length }).end(file);
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
