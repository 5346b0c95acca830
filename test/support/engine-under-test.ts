import { parseSettings } from "../../core/settings.ts";
import type { Engine } from "../../functions/engine.ts";
import { type Composed, compose } from "../../functions/runtimes/compose.ts";
import { makeTemporaryStore, type TemporaryStore } from "./temporary-store.ts";

/** The product put together in this process, with ports to be replaced by others as real. */
export interface EngineUnderTest {
  readonly store: TemporaryStore;
  readonly engine: Engine;
  remove(): Promise<void>;
}

/** @param environment settings beside the root */
export async function openEngineUnderTest(
  environment: Readonly<Record<string, string>> = {},
): Promise<EngineUnderTest & Pick<Composed, "database">> {
  const store = makeTemporaryStore();
  const settings = parseSettings(
    { IMGSTORE_NODE: "here", IMGSTORE_BACKOFF_MAX_MS: "50", IMGSTORE_ROOT: store.root, ...environment },
    { hostName: "here", absolute: (path) => path },
  );
  const { engine, database, close } = await compose(settings, { outlivesRequests: true });
  return {
    store,
    engine,
    database,
    remove: async () => {
      await close();
      await store.remove();
    },
  };
}
