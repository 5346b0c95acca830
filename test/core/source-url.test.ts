import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ImgstoreError } from "../../core/errors.ts";
import { parseSource, redacted, withAbsolutePath } from "../../core/source-url.ts";

describe("parseSource", () => {
  test.each([
    ["http://127.0.0.1:8000/a.tar", { kind: "http", url: "http://127.0.0.1:8000/a.tar" }],
    ["HTTPS://example.com", { kind: "http", url: "HTTPS://example.com" }],
    ["http://[::1]:80/x?y#z", { kind: "http", url: "http://[::1]:80/x?y#z" }],
    ["https://user:word@example.com/a", { kind: "http", url: "https://user:word@example.com/a" }],
    ["/srv/a b.tar", { kind: "file", path: "/srv/a b.tar" }],
    ["file:///srv/a%20b.tar", { kind: "file", path: "/srv/a b.tar" }],
    ["file://localhost/srv/a.tar", { kind: "file", path: "/srv/a.tar" }],
    ["/odd/http:x", { kind: "file", path: "/odd/http:x" }],
    ["docker-archive:/a b.tar", { kind: "image-archive", format: "docker", path: "/a b.tar", tag: null }],
    ["docker-archive:/a.tar:app:1", { kind: "image-archive", format: "docker", path: "/a.tar", tag: "app:1" }],
    [
      "OCI-archive:/a.tar:localhost:5000/app:1",
      { kind: "image-archive", format: "oci", path: "/a.tar", tag: "localhost:5000/app:1" },
    ],
    ["oci-archive:/a.tar:@2", { kind: "image-archive", format: "oci", path: "/a.tar", tag: "@2" }],
  ])("%s", (text, expected) => {
    expect(parseSource(text)).toEqual(expected);
  });

  test.each([
    ["nothing", ""],
    ["a relative path", "image.tar"],
    ["no host", "http://"],
    ["no host but a path", "http:///a"],
    ["one slash", "http:/example.com/a"],
    ["a port of 0", "http://example.com:0/"],
    ["a port of 65536", "http://example.com:65536/"],
    ["a space in the host", "http://exa mple.com/ "],
    ["another machine's file", "file://server/a.tar"],
    ["a broken escape", "file:///a%zz"],
    ["a NUL by escape", "file:///a%00b"],
    ["a line feed", "http://example.com/\nHost: other"],
    ["ftp", "ftp://example.com/a.tar"],
    ["javascript", "javascript:alert(1)"],
    ["an archive without a path", "docker-archive:"],
    ["an archive with a relative path", "docker-archive:a.tar"],
    ["an archive with an empty tag", "oci-archive:/a.tar:"],
    ["an archive with a tag that is none", "oci-archive:/a.tar:a b"],
    ["an archive with half a position", "oci-archive:/a.tar:@x"],
    ["8193 characters", `http://example.com/${"a".repeat(8193)}`],
  ])("refuses %s", (_, text) => {
    expect(() => parseSource(text)).toThrow(expect.objectContaining({ code: "INVALID_SOURCE" }));
  });

  test.each(["s3://bucket/key", "oci-layout:/directory", "oci://registry/x"])(
    "refuses %s by the name of its kind",
    (text) => {
      const kind = text.slice(0, text.indexOf(":"));
      expect(() => parseSource(text)).toThrow(
        expect.objectContaining({ code: "UNSUPPORTED_SOURCE", message: expect.stringContaining(kind) }),
      );
    },
  );

  test("throws nothing but its own errors, whatever it is given", () => {
    const schemes = fc.constantFrom(
      "",
      "http://",
      "https://",
      "file://",
      "file:///",
      "/",
      "s3://",
      "http:",
      "oci-archive:/",
    );
    fc.assert(
      fc.property(schemes, fc.oneof(fc.string(), fc.webUrl()), (scheme, rest) => {
        try {
          parseSource(scheme + rest);
        } catch (error) {
          expect(error).toBeInstanceOf(ImgstoreError);
        }
      }),
    );
  });
});

describe("withAbsolutePath", () => {
  test.each([
    ["a.tar", "/here/a.tar"],
    ["docker-archive:a.tar", "docker-archive:/here/a.tar"],
    ["oci-archive:a/b.tar:app:1", "oci-archive:/here/a/b.tar:app:1"],
    ["http://example.com/a.tar", "http://example.com/a.tar"],
    ["file:///a.tar", "file:///a.tar"],
    ["docker-archive:", "docker-archive:"],
    ["", ""],
  ])("of %j is %j", (text, expected) => {
    expect(withAbsolutePath(text, (path) => `/here/${path}`)).toBe(expected);
  });
});

const word = fc.string({
  unit: fc.constantFrom(...Array.from("ABCDEFxyz0189~!$'()*+,;=%25-_.")),
  minLength: 1,
  maxLength: 20,
});
const secrets = word.map((tail) => `Zq9${tail}`);

describe("redacted", () => {
  test("never shows user info", () => {
    fc.assert(
      fc.property(secrets, secrets, fc.webUrl({ withQueryParameters: true }), (user, password, url) => {
        const shown = redacted(url.replace("://", () => `://${user}:${password}@`));
        expect(shown).not.toContain(user);
        expect(shown).not.toContain(password);
      }),
    );
  });

  test.each([
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "X-Goog-Signature",
    "Signature",
    "AWSAccessKeyId",
    "sig",
    "access_token",
    "password",
    "api_key",
    "client_secret",
  ])("never shows the value of the parameter %s, in whatever company", (parameter) => {
    const others = fc.array(fc.tuple(fc.constantFrom("a", "expires", "v"), fc.stringMatching(/^[a-z0-9]*$/)), {
      maxLength: 3,
    });
    const values = secrets.map((value) => encodeURIComponent(value));
    fc.assert(
      fc.property(others, values, others, (before, secret, after) => {
        const pairs = [...before, [parameter, secret], ...after].map((pair) => pair.join("="));
        const shown = redacted(`https://example.com/a.tar?${pairs.join("&")}`);
        expect(shown).not.toContain(secret);
        expect(shown).toContain(`${parameter}=***`);
      }),
    );
  });

  test("leaves a URL without secrets as it is, but for its fragment", () => {
    fc.assert(
      fc.property(fc.webUrl(), (url) => {
        expect(redacted(url)).toBe(url);
      }),
    );
    expect(redacted("https://example.com/a?b=c#d")).toBe("https://example.com/a?b=c");
  });

  test("leaves a path as it is", () => {
    expect(redacted("/srv/a.tar")).toBe("/srv/a.tar");
    expect(redacted("docker-archive:/srv//a@b.tar:app@1")).toBe("docker-archive:/srv//a@b.tar:app@1");
  });

  test.each([
    ["no host", "https://name:Zq9word@/a"],
    ["an @ in the password", "https://name:Zq9@word@example.com/a"],
    ["a slash in the password", "https://name:Zq9/word@example.com/a"],
    ["a wrong port", "https://name:Zq9word@example.com:port/a"],
    ["a space in the host", "https://name:Zq9word@exa mple.com/a"],
    ["a signature and a wrong host", "https://exa mple.com/a?X-Amz-Signature=Zq9word"],
    ["another scheme", "ftp://name:Zq9word@example.com/a"],
  ])("hides secrets also of what is not a source: %s", (_, text) => {
    expect(redacted(text)).not.toContain("Zq9");
  });

  test("the refusal of a source shows none of its secrets", () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom("http", "https", "ftp", "s3"), (secret, scheme) => {
        const text = `${scheme}://name:${secret}@exa mple.com:99999/?token=${secret}`;
        expect(() => parseSource(text)).toThrow(
          expect.objectContaining({ message: expect.not.stringContaining(secret) }),
        );
      }),
    );
  });
});
