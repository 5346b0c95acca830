import { ImgstoreError } from "../../core/errors.ts";
import type { HttpRequest } from "./route-call.ts";

/**
 * Refuses a request without the token, before its body is read. Digests of both sides are compared, so that the time it
 * takes tells nothing of where they differ.
 * @throws {ImgstoreError} UNAUTHORIZED
 */
export async function requireToken(request: HttpRequest, token: string): Promise<void> {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(request.header("authorization") ?? "")?.[1];
  const [left, right] = await Promise.all([digest(given ?? ""), digest(token)]);
  let difference = given === undefined ? 1 : 0;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0xff);
  if (difference === 0) return;
  throw new ImgstoreError("UNAUTHORIZED", given === undefined ? "the request has no token" : "the token is not right", {
    hint: "send Authorization: Bearer with the server's IMGSTORE_TOKEN",
  });
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
