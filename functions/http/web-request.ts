import type { Context } from "hono";
import { ImgstoreError } from "../../core/errors.ts";
import type { Answer, HttpRequest } from "./route-call.ts";

/** The largest body that any route takes, in bytes. */
export const MAX_BODY_BYTES = 65_536;

/** A server's request as handlers read it. Nothing of the body is read before a handler asks. */
export function toHttpRequest(c: Context): HttpRequest {
  const { pathname, search } = new URL(c.req.url);
  let text: Promise<string> | null = null;
  return {
    method: c.req.method,
    target: pathname + search,
    query: c.req.query(),
    header: (name) => c.req.header(name),
    readText: () => (text ??= readText(c.req.raw)),
  };
}

export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === "" ? null : body, { status, headers });
}

async function readText(request: Request): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  } catch (cause) {
    throw new ImgstoreError("INVALID_BODY", "the body is not UTF-8", { cause });
  }
}

function tooLarge(): ImgstoreError {
  return new ImgstoreError("BODY_TOO_LARGE", `the body is larger than ${MAX_BODY_BYTES} bytes`);
}
