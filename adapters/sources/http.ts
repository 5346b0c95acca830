import { ImgstoreError } from "../../core/errors.ts";
import type { OpenedSource, SourceRequest } from "../../core/ports/sources.ts";
import { type Beginning, beginningOf } from "./http/beginning.ts";
import { readBody } from "./http/body.ts";
import { follow } from "./http/follow.ts";
import type { RateFloor } from "./http/minimum-rate.ts";
import { errorOfStatus } from "./http/status.ts";
import { type Answer, createTransport, drop, type RequestHeaders, type Transport } from "./http/transport.ts";
import { isHttpValidator, validatorOf } from "./http/validators.ts";
import { tooLarge } from "./too-large.ts";

/** Opens http(s) URLs; `close` ends every connection. */
export interface HttpSource {
  open(url: string, request: SourceRequest): Promise<OpenedSource>;
  close(): Promise<void>;
}

/** HTTP as a source of bytes: resumable, bounded in size, rate and redirects, its proxies those of the environment. */
export async function createHttpSource(floor: RateFloor): Promise<HttpSource> {
  const transport = await createTransport(floor.windowMs);
  return {
    open: (url, request) => open(transport, url, request, floor),
    close: () => transport.close(),
  };
}

async function open(
  transport: Transport,
  url: string,
  request: SourceRequest,
  floor: RateFloor,
): Promise<OpenedSource> {
  // A validator that is no server's (the partial began from another kind of source) cannot vouch for the rest.
  const canResume = request.validator === null || isHttpValidator(request.validator);
  const wanted = canResume ? request : { ...request, offset: 0, validator: null };
  const { answer, shownUrl } = await follow(transport, url, headersFor(wanted), request.signal);
  try {
    const beginning = beginningOf(answer, wanted, shownUrl);
    switch (beginning.kind) {
      case "bytes":
        return begin(answer, beginning, { shownUrl, request, floor });
      case "complete":
        drop(answer);
        return { ...beginning, offset: wanted.offset, validator: wanted.validator, body: nothing(), close: () => {} };
      case "elsewhere":
        drop(answer);
        return await open(transport, url, { ...request, offset: 0, validator: null }, floor);
      case "refused":
        throw errorOfStatus(answer, shownUrl);
    }
  } catch (error) {
    drop(answer);
    throw error;
  }
}

interface Fetch {
  readonly shownUrl: string;
  readonly request: SourceRequest;
  readonly floor: RateFloor;
}

function begin(answer: Answer, { offset, totalBytes, announcedBytes }: Bytes, fetch: Fetch): OpenedSource {
  const { shownUrl, request, floor } = fetch;
  if (totalBytes !== null && totalBytes > request.maxBytes) throw tooLarge(shownUrl, totalBytes, request.maxBytes);
  refuseEncoding(answer, shownUrl);
  return {
    offset,
    totalBytes,
    validator: validatorOf(answer.headers),
    body: readBody(answer, { announcedBytes, shownUrl, floor, signal: request.signal }),
    close: () => drop(answer),
  };
}

type Bytes = Extract<Beginning, { readonly kind: "bytes" }>;

async function* nothing(): AsyncGenerator<Uint8Array> {}

function headersFor(wanted: { readonly offset: number; readonly validator: string | null }): RequestHeaders {
  // The digest is of the bytes as they are stored: nobody may compress them on the way.
  const always = { "accept-encoding": "identity", accept: "*/*", "user-agent": "imgstore" };
  if (wanted.offset === 0) return always;
  const range = { ...always, range: `bytes=${wanted.offset}-` };
  return wanted.validator === null ? range : { ...range, "if-range": wanted.validator };
}

function refuseEncoding(answer: Answer, shownUrl: string): void {
  const encoding = answer.headers.get("content-encoding") ?? "identity";
  if (encoding === "" || encoding.toLowerCase() === "identity") return;
  throw new ImgstoreError(
    "SOURCE_REFUSED",
    `cannot fetch "${shownUrl}": the server sends it with Content-Encoding "${encoding}", unasked`,
    { hint: "the checksum is of the stored bytes: have the server send the file as it is" },
  );
}
