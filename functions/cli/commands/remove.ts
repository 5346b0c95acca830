import { driveTo } from "../drive-to.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";

/** Unmounts and removes an image. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.argument("NAME");
  const force = invocation.isOn("force");
  return withStore(invocation, (store) =>
    driveTo(invocation, store, "REMOVED", () => store.client.changeTarget(name, { target: "REMOVED", force })),
  );
}
