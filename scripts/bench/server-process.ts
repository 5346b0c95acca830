import { spawn } from "node:child_process";
import { once } from "node:events";
import { moduleFile } from "../../adapters/package-files.ts";

/** Runs while another process serves a file over HTTP on the loopback address. */
export async function withServer<T>(file: string, use: (url: string) => Promise<T>): Promise<T> {
  // not in the terminal's process group: Ctrl-C is for us, and we end it
  const server = spawn(process.execPath, [moduleFile("scripts/bench/serve"), file], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  try {
    const [line]: Buffer[] = await Promise.race([once(server.stdout, "data"), ended.then(() => [])]);
    if (line === undefined) throw new Error(`"${file}" cannot be served`);
    return await use(line.toString().trim());
  } finally {
    server.stdin.end();
    await ended;
  }
}
