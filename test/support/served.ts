import type { CommandLine, Running } from "./command-line.ts";
import { saidBy } from "./command-line.ts";
import type { Answer, RequestOptions } from "./store-under-test.ts";

/** `imgstore serve` in a process of its own. */
export interface Served {
  readonly running: Running;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  request(method: string, path: string, options?: RequestOptions): Promise<TimedAnswer>;
}

export interface TimedAnswer extends Answer {
  readonly tookMs: number;
}

/** Starts a server on a free port; resolves when it listens. */
export async function serve(command: CommandLine, ...args: readonly string[]): Promise<Served> {
  const running = command.start("serve", "--listen", "127.0.0.1:0", ...args);
  const [, url = ""] = await saidBy(running, /listening on (http:\S+)/);
  return { running, url, request: (method, path, options) => send(`${url}${path}`, method, options) };
}

async function send(url: string, method: string, { body, headers = {} }: RequestOptions = {}): Promise<TimedAnswer> {
  const sentAtMs = performance.now();
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const tookMs = performance.now() - sentAtMs;
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text), tookMs };
}
