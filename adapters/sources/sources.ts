import type { OpenedSource, SourceRequest, Sources } from "../../core/ports/sources.ts";
import type { StreamSource } from "../../core/source-url.ts";
import { openFile } from "./file.ts";
import type { HttpSource } from "./http.ts";

export interface SourcesOptions {
  /** A source that sends less over a whole window has stalled; 0 lets it. */
  readonly minBytesPerSecond: number;
  /** How long the rate is measured, and how long an answer is waited for. */
  readonly stallWindowMs?: number;
}

/** The sources of a process. `close` ends every connection, also those in use; a later `open` starts anew. */
export interface ClosableSources extends Sources {
  close(): Promise<void>;
}

const STALL_WINDOW_MS = 30_000;

/** Every kind of source that is a stream of bytes, each by its own opener. What HTTP needs is loaded when the first http source is opened. */
export function createSources({ minBytesPerSecond, stallWindowMs = STALL_WINDOW_MS }: SourcesOptions): ClosableSources {
  let http: Promise<HttpSource> | null = null;

  async function loadHttp(): Promise<HttpSource> {
    const { createHttpSource } = await import("./http.ts");
    return createHttpSource({ minBytesPerSecond, windowMs: stallWindowMs });
  }

  return {
    async open(source: StreamSource, request: SourceRequest): Promise<OpenedSource> {
      switch (source.kind) {
        case "http": {
          http ??= loadHttp();
          return (await http).open(source.url, request);
        }
        case "file":
          return openFile(source.path, request);
      }
    },
    async close(): Promise<void> {
      const loaded = http;
      http = null;
      await (await loaded)?.close();
    },
  };
}
