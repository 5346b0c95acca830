import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Client, storeClient } from "../../../functions/cli/client.ts";
import { type HttpExchange, overHttp } from "../../../functions/cli/transports/over-http.ts";
import { imageJson } from "../../support/image-json.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

let directory: string;
let server: Server;
let exchange: HttpExchange;
let client: Client;
let seen: Seen[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-client-"));
  seen = [];
  server = createServer((request, response) => void receive(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  exchange = overHttp(`http://127.0.0.1:${port}`, "s3cret");
  client = storeClient(exchange.exchange);
});

afterEach(async () => {
  await exchange.close();
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  seen.push({ method, url, authorization: headers.authorization, body: await text(request) });
  answer(request, response);
}

function answers(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  answer = (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === null ? undefined : JSON.stringify(body));
  };
}

function refuses(status: number, problem: object, headers: Readonly<Record<string, string>> = {}): void {
  answers(status, problem, { "content-type": "application/problem+json", ...headers });
}

describe("storeClient", () => {
  test("get reads one image with the bearer token", async () => {
    answers(200, imageJson());
    expect(await client.get("web")).toEqual(imageJson());
    expect(seen).toEqual([{ method: "GET", url: "/v1/images/web", authorization: "Bearer s3cret", body: "" }]);
  });

  test("a name cannot reach another route", async () => {
    answers(200, imageJson());
    await client.get("../sweep?x#y");
    expect(seen[0]?.url).toBe("/v1/images/..%2Fsweep%3Fx%23y");
  });

  test("put sends the registration as JSON", async () => {
    answers(201, imageJson({ state: "NEW" }));
    const image = await client.put("web", { source: "/web.tar", target: "STORED" });
    expect(image.state).toBe("NEW");
    expect(seen[0]).toMatchObject({ method: "PUT", body: '{"source":"/web.tar","target":"STORED"}' });
  });

  test("changeTarget, retry, history, sweep and gc call their routes", async () => {
    answers(200, imageJson());
    await client.changeTarget("web", { target: "STORED", force: true });
    await client.retry("web");
    await client.history("web", "latest");
    await client.history("web", "all");
    await client.sweep({ concurrency: 2 });
    await client.gc({ dryRun: true });
    expect(seen.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
      'PATCH /v1/images/web {"target":"STORED","force":true}',
      "POST /v1/images/web/transitions/retry ",
      "GET /v1/images/web/history ",
      "GET /v1/images/web/history?all=1 ",
      'POST /v1/sweep {"concurrency":2}',
      'POST /v1/gc {"dryRun":true}',
    ]);
  });

  test("list reads all pages", async () => {
    answer = (request, response) => {
      const isFirst = !request.url?.includes("cursor");
      const page = { images: [imageJson({ name: isFirst ? "a" : "b" })], nextCursor: isFirst ? "a" : null };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(page));
    };
    const images = await client.list({ state: "STORED", node: "*" });
    expect(images.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(seen.map(({ url }) => url)).toEqual([
      "/v1/images?state=STORED&node=*",
      "/v1/images?state=STORED&node=*&cursor=a",
    ]);
  });

  test("find gives null for an image that is not there, and nothing else", async () => {
    refuses(404, { code: "NO_SUCH_IMAGE", detail: 'there is no image "web"', hint: null });
    expect(await client.find("web")).toBeNull();
    refuses(401, { code: "UNAUTHORIZED", detail: "a token is needed", hint: null });
    await expect(client.find("web")).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("a problem is the error that it was, with its hint and its Retry-After", async () => {
    const problem = { code: "DATABASE_BUSY", detail: "the database is busy", hint: "come back" };
    refuses(503, problem, { "retry-after": "3" });
    const error = { code: "DATABASE_BUSY", message: "the database is busy", hint: "come back", retryAfterMs: 3000 };
    await expect(client.get("web")).rejects.toMatchObject(error);
  });

  test("a problem of a newer version's code is INTERNAL and keeps its text", async () => {
    refuses(418, { code: "TEAPOT", detail: "no coffee here", hint: "tea" });
    const error = { code: "INTERNAL", message: "no coffee here (TEAPOT)", hint: "tea" };
    await expect(client.get("web")).rejects.toMatchObject(error);
  });

  test.each([
    { status: 502, body: "<html>bad gateway", type: "text/html" },
    { status: 404, body: "{}", type: "application/json" },
    { status: 500, body: "{", type: "application/problem+json" },
    { status: 500, body: '{"code":7}', type: "application/problem+json" },
    { status: 200, body: "<html>welcome", type: "text/html" },
  ])("an answer that no imgstore gives ($status $body) is SERVER_UNREACHABLE", async ({ status, body, type }) => {
    answer = (_, response) => response.writeHead(status, { "content-type": type }).end(body);
    await expect(client.get("web")).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: expect.stringContaining(`GET /v1/images/web (status ${status})`),
    });
  });
});

describe("advance", () => {
  test("200 moved, with the image; 204 at rest", async () => {
    answers(200, imageJson({ state: "STORED" }));
    expect(await client.advance("web")).toEqual({ kind: "moved", image: imageJson({ state: "STORED" }) });
    answers(204, null);
    expect(await client.advance("web")).toEqual({ kind: "at-rest" });
  });

  test("202 is under way, until Retry-After or a second", async () => {
    answers(202, imageJson(), { "retry-after": "2" });
    expect(await client.advance("web")).toEqual({ kind: "under-way", retryAfterMs: 2000 });
    answers(202, imageJson());
    expect(await client.advance("web")).toEqual({ kind: "under-way", retryAfterMs: 1000 });
  });

  test.each(["LEASED", "LOST_RACE", "ILLEGAL_MOVE"])("%s means that somebody else was first", async (code) => {
    refuses(409, { code, detail: "somebody else", hint: null });
    expect(await client.advance("web")).toMatchObject({ kind: "under-way" });
  });

  test("an image that is gone is a value, any other refusal an error", async () => {
    refuses(404, { code: "NO_SUCH_IMAGE", detail: "gone", hint: null });
    expect(await client.advance("web")).toEqual({ kind: "gone" });
    refuses(421, { code: "OTHER_NODE", detail: "another node", hint: null });
    await expect(client.advance("web")).rejects.toMatchObject({ code: "OTHER_NODE" });
  });
});

describe("overHttp", () => {
  test("speaks over a unix socket", async () => {
    const path = join(directory, "socket");
    const local = createServer((_, response) => response.end(JSON.stringify(imageJson())));
    local.listen(path);
    await once(local, "listening");
    const overSocket = overHttp(`unix:${path}`, null);
    try {
      expect(await storeClient(overSocket.exchange).get("web")).toEqual(imageJson());
    } finally {
      await overSocket.close();
      local.closeAllConnections();
      local.close();
    }
  });

  test.each([
    { server: "http://127.0.0.1:1", reason: "nothing listens there" },
    { server: "unix:/nowhere/socket", reason: "there is no such socket" },
  ])("says that nothing is at $server", async ({ server: nowhere, reason }) => {
    const unreachable = overHttp(nowhere, null);
    try {
      await expect(storeClient(unreachable.exchange).get("web")).rejects.toMatchObject({
        code: "SERVER_UNREACHABLE",
        message: `cannot reach the server "${nowhere}": ${reason}`,
        hint: expect.stringContaining("imgstore serve"),
      });
    } finally {
      await unreachable.close();
    }
  });

  test("says that the connection broke in the middle of an answer", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{");
      setImmediate(() => response.destroy());
    };
    await expect(client.get("web")).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: expect.stringContaining("the connection broke"),
    });
  });
});
