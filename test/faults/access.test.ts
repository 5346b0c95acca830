import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CommandLine, commandLine, saidBy } from "../support/command-line.ts";
import { openRaw, type RawConnection } from "../support/raw-http.ts";
import { type Served, serve } from "../support/served.ts";
import { makeTemporaryStore, type TemporaryStore } from "../support/temporary-store.ts";

const TOKEN = "s3cret";

let store: TemporaryStore;
let command: CommandLine;
let connections: RawConnection[];

beforeEach(() => {
  store = makeTemporaryStore();
  command = commandLine(store.root, { IMGSTORE_TOKEN: TOKEN });
  connections = [];
});

afterEach(async () => {
  for (const connection of connections) connection.destroy();
  await command.end();
  await store.remove();
});

function open(served: Served): RawConnection {
  const connection = openRaw(served.url);
  connections.push(connection);
  return connection;
}

async function expectAlive(served: Served): Promise<void> {
  expect((await served.request("GET", "/healthz")).status).toBe(200);
}

describe("imgstore serve with a token", () => {
  test("answers 401 to every route but /healthz without the right one, and tells nothing", async () => {
    const served = await serve(command);
    const wrong = [
      "Bearer wrong",
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(0, -1)}`,
      `Basic ${TOKEN}`,
      TOKEN,
      "Bearer ",
    ];
    for (const headers of [{}, ...wrong.map((authorization) => ({ authorization }))]) {
      for (const path of ["/v1/images", "/v1/images/web", "/readyz", "/v1/nothing", "/"]) {
        const answer = await served.request("GET", path, { headers });
        expect([path, answer.status, answer.body.code]).toEqual([path, 401, "UNAUTHORIZED"]);
        expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
        expect(JSON.stringify(answer.body)).not.toContain(TOKEN);
      }
    }
    await expectAlive(served);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await served.request("GET", "/v1/images", { headers })).status).toBe(200);
  });

  test("answers 401 before the body is read, and ends the connection instead of reading it", async () => {
    const served = await serve(command);
    const connection = open(served);
    connection.write(
      "PUT /v1/images/web HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n" +
        'Content-Type: application/json\r\nContent-Length: 100000000000\r\n\r\n{"source":"',
    );
    // resolves when the server has closed: of the body, no more was ever sent
    expect(await connection.answer).toMatch(/^HTTP\/1\.1 401 .*"UNAUTHORIZED"/s);
    await expectAlive(served);
  });
});

describe("imgstore serve without a token", () => {
  beforeEach(() => {
    command = commandLine(store.root);
  });

  test.each(["0.0.0.0:0", "[::]:0"])("refuses to listen on %s with exit 2 and a hint", async (address) => {
    const { exitCode, stderr } = await command.run("serve", "--listen", address);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("(LISTEN_REFUSED)")]);
    expect(stderr).toContain("IMGSTORE_TOKEN");
  });

  test("listens on a socket that its user alone may open, and takes the place of a killed server's", async () => {
    const directory = mkdtempSync(join(tmpdir(), "imgstore-socket-"));
    try {
      const path = join(directory, "socket");
      const first = command.start("serve", "--listen", `unix:${path}`);
      await saidBy(first, /listening on unix:/);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      first.child.kill("SIGKILL");
      await first.finished;
      expect(existsSync(path)).toBe(true);
      await saidBy(command.start("serve", "--listen", `unix:${path}`), /listening on unix:/);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("drops a client that sends its headers byte by byte, and answers others meanwhile", async () => {
    const served = await serve(command);
    const connection = open(served);
    connection.write("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    while (!connection.isClosed()) {
      connection.write("x");
      await expectAlive(served);
      await sleep(200);
    }
    expect(await connection.answer).toMatch(/^HTTP\/1\.1 408 .*"REQUEST_TIMEOUT"/s);
    await expectAlive(served);
  }, 30_000);

  test.each([
    { what: "a header that is too large", lines: [`X-Large: ${"x".repeat(20_000)}`], path: "/healthz", status: 431 },
    {
      what: "too many headers",
      lines: Array.from({ length: 4000 }, (_, n) => `X-${n}: 1`),
      path: "/healthz",
      status: 431,
    },
    { what: "a URL that is too large", lines: [], path: `/v1/images?cursor=${"x".repeat(20_000)}`, status: 431 },
    { what: "no HTTP", lines: [], path: "/ \u0000\u0001", status: 400 },
  ])("answers $what with a problem ($status), and goes on", async ({ lines, path, status }) => {
    const served = await serve(command);
    const connection = open(served);
    connection.write([`GET ${path} HTTP/1.1`, "Host: x", ...lines, "", ""].join("\r\n"));
    const answer = await connection.answer;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*application/problem\\+json.*"hint"`, "s"));
    await expectAlive(served);
  });

  test("answers a body that is larger than any route takes with 413, without reading it", async () => {
    const served = await serve(command);
    const connection = open(served);
    connection.write(
      "PUT /v1/images/web HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000000000\r\n\r\n{",
    );
    expect(await connection.answer).toMatch(/^HTTP\/1\.1 413 .*"BODY_TOO_LARGE"/s);
    await expectAlive(served);
  });
});
