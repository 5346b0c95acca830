import type { OpenedSource, SourceRequest, Sources } from "../../core/ports/sources.ts";
import { parseSource } from "../../core/source-url.ts";

/** A request for everything, but for what is given. */
export function wanted(request: Partial<SourceRequest> = {}): SourceRequest {
  const { signal } = new AbortController();
  return { offset: 0, validator: null, maxBytes: Number.MAX_SAFE_INTEGER, signal, ...request };
}

/** Opens a source as a person writes it. */
export async function openText(
  sources: Sources,
  source: string,
  request?: Partial<SourceRequest>,
): Promise<OpenedSource> {
  const parsed = parseSource(source);
  if (parsed.kind === "image-archive") throw new Error(`"${source}" is no stream of bytes`);
  return sources.open(parsed, wanted(request));
}

/** All bytes of an opened source. */
export async function readAll({ body }: OpenedSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
