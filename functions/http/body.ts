import { ImgstoreError } from "../../core/errors.ts";
import type { Bodies } from "./schemas.ts";

/** The largest body that any route takes, in bytes. */
export const MAX_BODY_BYTES = 65_536;

/**
 * Reads and checks a request's JSON body; an empty one counts as `{}` where every field is optional.
 * @throws {ImgstoreError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, INVALID_BODY
 */
export async function readBody<K extends keyof Bodies>(request: Request, kind: K): Promise<Bodies[K]> {
  const text = await readText(request);
  const mayBeEmpty = kind === "sweep" || kind === "gc";
  if (text !== "" || !mayBeEmpty) requireJson(request);
  const { checkBody } = await import("./schemas.ts");
  return checkBody(kind, text === "" && mayBeEmpty ? {} : parseJson(text));
}

function requireJson(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new ImgstoreError("UNSUPPORTED_MEDIA_TYPE", `the body is ${type ? `"${type}"` : "without a content type"}`, {
    hint: "send JSON with Content-Type: application/json",
  });
}

/**
 * A request's body as text.
 * @throws {ImgstoreError} BODY_TOO_LARGE, INVALID_BODY (not UTF-8)
 */
export async function readText(request: Request): Promise<string> {
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ImgstoreError("INVALID_BODY", "the body is not JSON", { cause });
  }
}

function tooLarge(): ImgstoreError {
  return new ImgstoreError("BODY_TOO_LARGE", `the body is larger than ${MAX_BODY_BYTES} bytes`);
}
