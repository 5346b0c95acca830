import { type RecordedError } from "../../core/errors.ts";
import { done, type Outcome } from "../../core/protocol/outcome.ts";
import type { ActContext } from "./act-context.ts";

/** DEACTIVATING → STORED: nothing is mounted any more; the upper stays. */
export async function finishDeactivate(context: ActContext): Promise<Outcome> {
  const { placement, disk } = context;
  const { detachedFrom } = await disk.mounts.unmount(placement.name, {
    isForced: placement.isForceWanted,
    known: placement.mount,
    isStillOurs: context.isStillOurs,
  });
  return done({ mount: null }, detachedFrom.length === 0 ? null : detached(detachedFrom));
}

function detached(holders: readonly string[]): RecordedError {
  return {
    code: "IN_USE",
    message: `detached while in use by ${holders.join(", ")}`,
    hint: "the file system goes when they let go of it",
  };
}
