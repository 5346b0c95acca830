import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStoreUnderTest, type RequestOptions, type StoreUnderTest } from "../../support/store-under-test.ts";

describe("bad input is answered with a problem and changes nothing", () => {
  let tested: StoreUnderTest;

  beforeAll(async () => {
    tested = await openStoreUnderTest();
  });

  afterAll(() => tested.remove());

  const source = "/some/file.tar";
  const cases: readonly [string, string, string, RequestOptions, number, string][] = [
    ["JSON cut short", "PUT", "/v1/images/a", { body: "{" }, 400, "INVALID_BODY"],
    ["an empty body", "PUT", "/v1/images/a", { body: "" }, 400, "INVALID_BODY"],
    ["a list for an object", "PUT", "/v1/images/a", { body: [] }, 400, "INVALID_BODY"],
    ["a number for a string", "PUT", "/v1/images/a", { body: { source: 1 } }, 400, "INVALID_BODY"],
    ["an unknown field", "PUT", "/v1/images/a", { body: { source, x: 1 } }, 400, "INVALID_BODY"],
    ["an unknown target", "PUT", "/v1/images/a", { body: { source, target: "active" } }, 400, "INVALID_BODY"],
    ["a target of REMOVED", "PUT", "/v1/images/a", { body: { source, target: "REMOVED" } }, 400, "INVALID_TARGET"],
    [
      "another content type",
      "PUT",
      "/v1/images/a",
      { body: "{}", headers: { "content-type": "text/plain" } },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    ["a body of 100 kB", "PUT", "/v1/images/a", { body: { source: "x".repeat(100_000) } }, 413, "BODY_TOO_LARGE"],
    ["a relative path", "PUT", "/v1/images/a", { body: { source: "image.tar" } }, 400, "INVALID_SOURCE"],
    [
      "a source of an unknown scheme",
      "PUT",
      "/v1/images/a",
      { body: { source: "gopher://x/y" } },
      400,
      "INVALID_SOURCE",
    ],
    ["a short digest", "PUT", "/v1/images/a", { body: { source, checksum: "abc" } }, 400, "INVALID_DIGEST"],
    [
      "a mount option of mount(8)",
      "PUT",
      "/v1/images/a",
      { body: { source, mountOptions: "lowerdir=/" } },
      400,
      "INVALID_MOUNT_OPTIONS",
    ],
    ["an upper-case name", "PUT", "/v1/images/A", { body: { source } }, 400, "INVALID_NAME"],
    ["an encoded slash in the name", "GET", "/v1/images/a%2Fb", {}, 400, "INVALID_NAME"],
    ["dots for a name", "GET", "/v1/images/%2e%2e%2f", {}, 400, "INVALID_NAME"],
    ["a NUL in the name", "GET", "/v1/images/a%00", {}, 400, "INVALID_NAME"],
    ["an image that is not there", "GET", "/v1/images/nobody", {}, 404, "NO_SUCH_IMAGE"],
    ["an unknown route", "GET", "/v2", {}, 404, "NO_SUCH_ROUTE"],
    ["an unknown method", "POST", "/v1/images/a", {}, 405, "METHOD_NOT_ALLOWED"],
    ["an unknown move", "POST", "/v1/images/a/transitions/explode", {}, 404, "NO_SUCH_MOVE"],
    ["an unknown state to list", "GET", "/v1/images?state=BROKEN", {}, 400, "INVALID_BODY"],
    ["a limit of nothing", "GET", "/v1/images?limit=0", {}, 400, "INVALID_BODY"],
    ["a wait that is no number", "POST", "/v1/sweep", { headers: { prefer: "wait=soon" } }, 400, "INVALID_BODY"],
  ];

  it.each(cases)("%s", async (_title, method, path, options, status, code) => {
    const answer = await tested.request(method, path, options);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect((await tested.request("GET", "/v1/images")).body.images).toEqual([]);
  });
});
