import type { ActMove } from "../../core/lifecycle/image.ts";
import type { Act } from "./act-context.ts";
import { finishActivate } from "./finish-activate.ts";
import { finishDeactivate } from "./finish-deactivate.ts";
import { finishDownload } from "./finish-download.ts";
import { finishRemove } from "./finish-remove.ts";
import { finishUnpack } from "./finish-unpack.ts";
import { store } from "./store.ts";

/** The act of each move that does work; read it beside the table of core/lifecycle/image.ts. */
export const ACTS: Readonly<Record<ActMove, Act>> = {
  "finish-download": finishDownload,
  "finish-unpack": finishUnpack,
  store,
  "finish-activate": finishActivate,
  "finish-deactivate": finishDeactivate,
  "finish-remove": finishRemove,
};
