import { asImgstoreError, type ImgstoreError } from "../../core/errors.ts";
import type {
  GcJson,
  GcRequestJson,
  HistoryEntryJson,
  ImageJson,
  ImageListJson,
  PatchImageJson,
  PutImageJson,
  SweepJson,
  SweepRequestJson,
  VerifyJson,
  VerifyRequestJson,
} from "../http/wire.ts";
import type { Exchange, Reply } from "./exchange.ts";
import { errorOf, retryAfterMsOf, unexpectedReply } from "./problems.ts";

/**
 * The routes as functions. Whatever a route refuses is thrown as the ImgstoreError that it was at the server; what a
 * caller has to expect (an image that is gone, a transition that somebody else makes) is a value.
 */
export interface Client {
  /** Registers, idempotently. @throws {ImgstoreError} NAME_TAKEN and what the fields deserve */
  put(name: string, wanted: PutImageJson): Promise<ImageJson>;
  /** @throws {ImgstoreError} NO_SUCH_IMAGE */
  get(name: string): Promise<ImageJson>;
  /** As `get`, null where there is no such image. */
  find(name: string): Promise<ImageJson | null>;
  /** All pages. `node` `"*"` is every node. */
  list(filter: ListFilter): Promise<ImageJson[]>;
  history(name: string, scope: "latest" | "all"): Promise<HistoryEntryJson[]>;
  changeTarget(name: string, change: PatchImageJson): Promise<ImageJson>;
  /** FAILED back to NEW. @throws {ImgstoreError} ILLEGAL_MOVE, LOST_RACE, NO_SUCH_IMAGE */
  retry(name: string): Promise<ImageJson>;
  /** Makes at most the one transition that is next towards the target. */
  advance(name: string): Promise<Advance>;
  sweep(request: SweepRequestJson): Promise<SweepJson>;
  gc(request: GcRequestJson): Promise<GcJson>;
  /** @throws {ImgstoreError} NO_SUCH_IMAGE, LEASED */
  verify(request: VerifyRequestJson): Promise<VerifyJson>;
}

export interface ListFilter {
  readonly state?: string;
  readonly node?: string;
}

/** How `advance` ended. */
export type Advance =
  | { readonly kind: "moved"; readonly image: ImageJson }
  /** Somebody is at it, or it waits for its next attempt; look again after `retryAfterMs` at the latest. */
  | { readonly kind: "under-way"; readonly retryAfterMs: number }
  /** No move is next: at its target, or FAILED. */
  | { readonly kind: "at-rest" }
  | { readonly kind: "gone" };

const DEFAULT_RETRY_AFTER_MS = 1000;
/** Conflicts that say no more than that somebody else was first. */
const OVERTAKEN = new Set(["LEASED", "LOST_RACE", "ILLEGAL_MOVE"]);

/** A client of the routes over any way of reaching them. */
export function storeClient(exchange: Exchange): Client {
  const send = async <T>(method: string, path: string, body?: object): Promise<T> =>
    bodyOf<T>(await exchange({ method, path, ...(body === undefined ? {} : { body }) }));
  const get = (name: string): Promise<ImageJson> => send("GET", imagePath(name));
  return {
    get,
    put: (name, wanted) => send("PUT", imagePath(name), wanted),
    find: (name) => get(name).catch(nullIfGone),
    list: (filter) => listAll(send, filter),
    history: (name, scope) => send("GET", `${imagePath(name)}/history${scope === "all" ? "?all=1" : ""}`),
    changeTarget: (name, change) => send("PATCH", imagePath(name), change),
    retry: (name) => send("POST", `${imagePath(name)}/transitions/retry`),
    advance: async (name) => advanceOf(await exchange({ method: "POST", path: `${imagePath(name)}/advance` })),
    sweep: (request) => send("POST", "/v1/sweep", request),
    gc: (request) => send("POST", "/v1/gc", request),
    verify: async (body) => bodyOf(await exchange({ method: "POST", path: "/v1/verify", body, isWaitedFor: true })),
  };
}

function imagePath(name: string): string {
  return `/v1/images/${encodeURIComponent(name)}`;
}

async function listAll(
  send: (method: string, path: string) => Promise<ImageListJson>,
  filter: ListFilter,
): Promise<ImageJson[]> {
  const images: ImageJson[] = [];
  const query = new URLSearchParams({ ...filter });
  for (;;) {
    const page = await send("GET", `/v1/images?${query.toString()}`);
    images.push(...page.images);
    if (page.nextCursor === null) return images;
    query.set("cursor", page.nextCursor);
  }
}

function advanceOf(reply: Reply): Advance {
  if (reply.status === 204) return { kind: "at-rest" };
  if (reply.status === 202) return underWay(reply);
  if (reply.status < 300) return { kind: "moved", image: bodyOf<ImageJson>(reply) };
  const error = errorOf(reply);
  if (error.code === "NO_SUCH_IMAGE") return { kind: "gone" };
  if (OVERTAKEN.has(error.code)) return underWay(reply);
  throw error;
}

function underWay(reply: Reply): Advance {
  return { kind: "under-way", retryAfterMs: retryAfterMsOf(reply) ?? DEFAULT_RETRY_AFTER_MS };
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what /v1 promises each caller, not checked again
function bodyOf<T>(reply: Reply): T {
  if (reply.status >= 400) throw errorOf(reply);
  try {
    const body: T = JSON.parse(reply.text);
    return body;
  } catch (cause) {
    throw unexpectedReply(reply, cause);
  }
}

function nullIfGone(thrown: unknown): null {
  const error: ImgstoreError = asImgstoreError(thrown);
  if (error.code === "NO_SUCH_IMAGE") return null;
  throw error;
}
