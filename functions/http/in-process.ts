import { PatternRouter } from "hono/router/pattern-router";
import type { Engine } from "../engine.ts";
import { answerRoute, noSuchRoute, type OnInternalError } from "./answer-route.ts";
import type { Answer, HttpRequest } from "./route-call.ts";
import { type LoadHandler, ROUTES } from "./routes.ts";

/** A call of a route from within this process. */
export interface InProcessCall {
  readonly method: string;
  /** With its query, from `/v1` on. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

/**
 * The HTTP functions for callers in this process: the same routes and handlers as a server's, without a token and without
 * a time budget, and without the platform's Request and Response, which cost a command more than all else it does.
 */
export function routesInProcess(
  engine: Engine,
  onInternalError: OnInternalError,
): (call: InProcessCall) => Promise<Answer> {
  const router = new PatternRouter<LoadHandler>();
  for (const [method, path, load] of ROUTES) router.add(method, path, load);
  return async (call) => {
    const [path = "", search] = call.path.split("?");
    const [matched] = router.match(call.method, path);
    const [first] = matched;
    if (first === undefined) return noSuchRoute(path);
    const [load, found] = first;
    return answerRoute(
      load,
      { engine, request: toRequest(call, search), params: decoded(found), budgetMs: null },
      onInternalError,
    );
  };
}

function toRequest({ method, path, body }: InProcessCall, search: string | undefined): HttpRequest {
  return {
    method,
    target: path,
    query: Object.fromEntries(new URLSearchParams(search ?? "")),
    header: (name) => (name === "content-type" && body !== undefined ? "application/json" : undefined),
    readText: async () => (body === undefined ? "" : JSON.stringify(body)),
  };
}

/** As a server has them; what is not percent-encoded rightly stays, and is refused as a name. */
function decoded(params: object): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decode(String(value))]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
