import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../adapters/package-files.ts";
import { makeSmallImage } from "../support/small-image.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

// the binary, not the package's wrapper: what is killed is then what runs
const DENO = `${packageRoot}node_modules/@deno/linux-${process.arch === "arm64" ? "arm64" : "x64"}-glibc/deno`;

describe("the HTTP functions on Deno, from the sources", () => {
  let store: TemporaryStore;

  beforeEach(() => {
    store = makeTemporaryStore();
  });

  afterEach(() => store.remove());

  it("walk an image to ACTIVE and back to nothing, one transition a request", async () => {
    const image = makeSmallImage(store.path("tmp"));
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const entry = "functions/runtimes/deno.ts";
    const args = ["serve", "-A", "--unstable-cron", "--host", "127.0.0.1", "--port", String(port), entry];
    const env = { ...process.env, IMGSTORE_ROOT: store.root };
    const deno = spawn(DENO, args, { cwd: packageRoot, env, stdio: "ignore" });
    const ended = once(deno, "exit");
    try {
      await untilAlive(origin, () => deno.exitCode);
      await fetch(`${origin}/v1/images/a`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ source: image.path, checksum: image.digest }),
      });
      expect(await advance(origin, 7)).toBe("ACTIVE");
      expect(readFileSync(store.path("active", "a", "etc", "content"), "utf8")).toBe("one\n");
      await fetch(`${origin}/v1/images/a`, { method: "DELETE" });
      expect(await advance(origin, 4)).toBe("REMOVED");
    } finally {
      deno.kill("SIGKILL");
      await ended;
    }
  }, 60_000);
});

async function untilAlive(origin: string, exitCode: () => number | null): Promise<void> {
  for (;;) {
    if (exitCode() !== null) throw new Error(`deno ended with ${exitCode()}`);
    const answer = await fetch(`${origin}/healthz`).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Each must make its transition; the last one's state. */
async function advance(origin: string, times: number): Promise<string> {
  let state = "";
  for (let made = 0; made < times; made += 1) {
    const answer = await fetch(`${origin}/v1/images/a/advance`, { method: "POST" });
    expect(answer.status).toBe(200);
    ({ state } = JSON.parse(await answer.text()));
  }
  return state;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
