import { ImgstoreError } from "../../core/errors.ts";
import type { HttpRequest } from "./route-call.ts";
import type { Bodies } from "./schemas.ts";

/**
 * Reads and checks a request's JSON body; an empty one counts as `{}` where every field is optional.
 * @throws {ImgstoreError} UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, INVALID_BODY
 */
export async function readBody<K extends keyof Bodies>(request: HttpRequest, kind: K): Promise<Bodies[K]> {
  const text = await request.readText();
  const mayBeEmpty = kind === "sweep" || kind === "gc" || kind === "verify";
  if (text !== "" || !mayBeEmpty) requireJson(request);
  const { checkBody } = await import("./schemas.ts");
  return checkBody(kind, text === "" && mayBeEmpty ? {} : parseJson(text));
}

function requireJson(request: HttpRequest): void {
  const type = request.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new ImgstoreError("UNSUPPORTED_MEDIA_TYPE", `the body is ${type ? `"${type}"` : "without a content type"}`, {
    hint: "send JSON with Content-Type: application/json",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ImgstoreError("INVALID_BODY", "the body is not JSON", { cause });
  }
}
