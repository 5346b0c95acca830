import type { Settings } from "../../core/settings.ts";
import type { Runtime } from "../runtimes/runtime.ts";
import { type Client, storeClient } from "./client.ts";
import type { Invocation } from "./invocation.ts";
import { settingsOf } from "./settings.ts";

/** The store that a command speaks to. */
export interface Store {
  readonly settings: Settings;
  readonly client: Client;
  /** This process's own; null where a server has the store. */
  readonly runtime: Runtime | null;
  /** Settles or releases what is under way here; once is enough, more is harmless. */
  readonly close: () => Promise<void>;
}

/**
 * Runs a command's part that needs the store, in this process or at the server of the settings, and closes it after.
 * @param unpacksSoon whether an image is about to be fetched
 * @throws {ImgstoreError} SERVER_UNREACHABLE at the first call, or why the store cannot be opened
 */
export async function withStore(
  invocation: Invocation,
  use: (store: Store) => Promise<number>,
  { unpacksSoon = false }: { readonly unpacksSoon?: boolean } = {},
): Promise<number> {
  const settings = settingsOf(invocation);
  const store =
    settings.server === null ? await openHere(settings, unpacksSoon) : await openThere(settings, settings.server);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** As `withStore`, for what only a process of its own can do, whatever server the environment names. */
export async function withRuntime(
  invocation: Invocation,
  use: (runtime: Runtime, close: () => Promise<void>) => Promise<number>,
): Promise<number> {
  const { runtime, close } = await openHere({ ...settingsOf(invocation), server: null });
  try {
    return await use(runtime, close);
  } finally {
    await close();
  }
}

async function openHere(settings: Settings, unpacksSoon = false): Promise<Store & { readonly runtime: Runtime }> {
  const { openRuntime } = await import("../runtimes/node.ts");
  const { inProcess } = await import("./transports/in-process.ts");
  const runtime = await openRuntime(settings, { unpacksSoon });
  return { settings, runtime, client: storeClient(inProcess(runtime)), close: once(() => runtime.close()) };
}

async function openThere(settings: Settings, server: string): Promise<Store> {
  const { overHttp } = await import("./transports/over-http.ts");
  const { exchange, close } = overHttp(server, settings.token);
  return { settings, runtime: null, client: storeClient(exchange), close: once(close) };
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => (closing ??= close());
}
