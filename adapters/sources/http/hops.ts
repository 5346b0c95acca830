import { ImgstoreError } from "../../../core/errors.ts";
import { printable } from "../../../core/names.ts";
import { redacted } from "../../../core/source-url.ts";

/** A URL to ask, without user info, and the credentials that may be shown to its origin. */
export interface Hop {
  readonly url: URL;
  readonly authorization: string | null;
}

/**
 * Where a source's URL leads first; its user info becomes Basic credentials.
 * @throws {ImgstoreError} INVALID_SOURCE
 */
export function firstHop(source: string): Hop {
  if (!URL.canParse(source)) {
    throw new ImgstoreError("INVALID_SOURCE", `"${printable(redacted(source))}" is not a URL`);
  }
  return hopTo(new URL(source), null);
}

/**
 * Where a redirect leads. Credentials stay behind when the origin changes, and do not come back with it.
 * @throws {ImgstoreError} INSECURE_REDIRECT (from https to http), SOURCE_REFUSED (no usable Location)
 */
export function nextHop(from: Hop, location: string | null): Hop {
  const shown = redacted(from.url.href);
  if (location === null || !URL.canParse(location, from.url.href)) {
    throw refused(shown, `the redirect's Location ${location === null ? "is missing" : "is not a URL"}`);
  }
  const url = new URL(location, from.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw refused(shown, `the redirect leads to "${printable(redacted(url.href))}", which is not HTTP`);
  }
  if (from.url.protocol === "https:" && url.protocol === "http:") {
    throw new ImgstoreError(
      "INSECURE_REDIRECT",
      `cannot fetch "${shown}": it redirects from https to "${redacted(url.href)}"`,
      { hint: "give the http URL itself if the unencrypted way is meant; the checksum is verified either way" },
    );
  }
  return hopTo(url, url.origin === from.url.origin ? from.authorization : null);
}

function hopTo(url: URL, inherited: string | null): Hop {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  bare.hash = "";
  return { url: bare, authorization: basicOf(url) ?? inherited };
}

function basicOf({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

/** Percent escapes undone; what is none is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function refused(shown: string, words: string): ImgstoreError {
  return new ImgstoreError("SOURCE_REFUSED", `cannot fetch "${shown}": ${words}`, {
    hint: "give the URL that the file is really at",
  });
}
