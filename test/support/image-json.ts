import type { ImageJson } from "../../functions/http/wire.ts";

const DIGEST = `sha256:${"a1".repeat(32)}` as const;

/** An image as a route shows it: `web`, being downloaded, unless said otherwise. */
export function imageJson(differences: Partial<ImageJson> = {}): ImageJson {
  return {
    name: "web",
    node: "host",
    source: "http://example.org/web.tar.gz",
    checksum: DIGEST,
    state: "DOWNLOADING",
    target: "ACTIVE",
    version: 1,
    generation: 0,
    attempt: 1,
    error: null,
    progress: null,
    sizeBytes: null,
    layers: [],
    mountPoint: null,
    mountOptions: ["nodev", "nosuid"],
    driver: null,
    worker: null,
    createdAtMs: 1_000_000,
    stateSinceMs: 1_000_000,
    updatedAtMs: 1_000_000,
    waitsFor: null,
    dueAtMs: 1_000_000,
    ...differences,
  };
}
