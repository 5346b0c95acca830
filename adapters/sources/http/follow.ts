import { ImgstoreError } from "../../../core/errors.ts";
import { redacted } from "../../../core/source-url.ts";
import { firstHop, type Hop, nextHop } from "./hops.ts";
import { type Answer, drop, type RequestHeaders, type Transport } from "./transport.ts";

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Requests a URL and follows at most ten redirects to the answer that is none.
 * @returns the answer, and the URL that gave it as it may be shown
 * @throws {ImgstoreError} TOO_MANY_REDIRECTS, INSECURE_REDIRECT, SOURCE_REFUSED, and as `Transport.get`
 */
export async function follow(
  transport: Transport,
  start: string,
  headers: RequestHeaders,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly shownUrl: string }> {
  const visited = new Set<string>();
  let hop = firstHop(start);
  for (;;) {
    const answer = await transport.get(hop.url, withAuthorization(headers, hop), signal);
    if (!REDIRECTS.has(answer.status)) return { answer, shownUrl: redacted(hop.url.href) };
    drop(answer);
    visited.add(hop.url.href);
    hop = nextHop(hop, answer.headers.get("location"));
    if (visited.has(hop.url.href)) throw endless(start, `redirects lead back to "${redacted(hop.url.href)}"`);
    if (visited.size > MAX_REDIRECTS) throw endless(start, `there are more than ${MAX_REDIRECTS} redirects`);
  }
}

function withAuthorization(headers: RequestHeaders, { authorization }: Hop): RequestHeaders {
  return authorization === null ? headers : { ...headers, authorization };
}

function endless(start: string, words: string): ImgstoreError {
  return new ImgstoreError("TOO_MANY_REDIRECTS", `cannot fetch "${redacted(start)}": ${words}`, {
    hint: "give the URL that the file is really at",
  });
}
