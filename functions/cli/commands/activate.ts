import { driveTo } from "../drive-to.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";

/** Mounts an image. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.argument("NAME");
  const fresh = invocation.isOn("fresh");
  return withStore(invocation, (store) =>
    driveTo(invocation, store, "ACTIVE", () => store.client.changeTarget(name, { target: "ACTIVE", fresh })),
  );
}
