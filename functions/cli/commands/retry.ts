import { driveTo } from "../drive-to.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";

/** Sends an image that FAILED back to NEW and drives it to the target it has. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.argument("NAME");
  return withStore(invocation, (store) => driveTo(invocation, store, null, () => store.client.retry(name)));
}
