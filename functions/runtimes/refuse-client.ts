import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { codeOf } from "../../adapters/linux/errno.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { problemAnswer } from "../http/problem.ts";

/** Answers what never became a request with a problem, and ends the connection; nothing where the client has gone. */
export function refuseClient(error: Error, socket: Duplex): void {
  const code = codeOf(error);
  if (!socket.writable || code === "ECONNRESET" || code === "EPIPE") {
    socket.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(meaningOf(code));
  const lines = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines.map((line) => line.join(": "))];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function meaningOf(code: string | null): ImgstoreError {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new ImgstoreError("HEADERS_TOO_LARGE", "the request's URL and headers are larger than 16 KiB", {
      hint: "what is large belongs into the body",
    });
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new ImgstoreError("REQUEST_TIMEOUT", "the request did not come to its end in time", {
      hint: "send it in one go",
    });
  }
  return new ImgstoreError("MALFORMED_REQUEST", "this is no HTTP request", { hint: "speak HTTP/1.1" });
}
