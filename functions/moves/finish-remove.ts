import { done, type Outcome } from "../../core/protocol/outcome.ts";
import type { ActContext } from "./act-context.ts";
import { clearAway } from "./give-up.ts";

/**
 * REMOVING → gone: nothing is mounted, the upper has left its place before the row goes, and the references to blob and
 * layers end with the row; what nothing refers to any more, a partial download too, is garbage collection's.
 */
export async function finishRemove(context: ActContext): Promise<Outcome> {
  await clearAway(context);
  await context.disk.mounts.dropUpper(context.placement.name, context.isStillOurs);
  context.reaper.poke();
  return done();
}
