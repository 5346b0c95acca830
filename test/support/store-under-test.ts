import { parseSettings } from "../../core/settings.ts";
import { openRuntime } from "../../functions/runtimes/node.ts";
import type { Runtime } from "../../functions/runtimes/runtime.ts";
import { makeTemporaryStore, type TemporaryStore } from "./temporary-store.ts";

/** The whole product in this process, on a store of its own. */
export interface StoreUnderTest {
  readonly store: TemporaryStore;
  readonly runtime: Runtime;
  /** A request of the HTTP functions, as any client would make it. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  remove(): Promise<void>;
}

export interface RequestOptions {
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever JSON the route under test answers with
  readonly body: any;
}

/** @param environment settings beside the root */
export async function openStoreUnderTest(environment: Readonly<Record<string, string>> = {}): Promise<StoreUnderTest> {
  const store = makeTemporaryStore();
  const settings = parseSettings(
    { IMGSTORE_NODE: "here", IMGSTORE_BACKOFF_MAX_MS: "50", IMGSTORE_ROOT: store.root, ...environment },
    { hostName: "here", absolute: (path) => path },
  );
  const runtime = await openRuntime(settings);
  return {
    store,
    runtime,
    request: (method, path, options) => send(runtime, method, path, options),
    remove: async () => {
      await runtime.close();
      await store.remove();
    },
  };
}

async function send(runtime: Runtime, method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { body, headers = {} } = options;
  const response = await runtime.fetch(
    new Request(`http://imgstore${path}`, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}
