import { driveTo } from "../drive-to.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";

/** Unmounts an image and keeps what was written into it. */
export async function run(invocation: Invocation): Promise<number> {
  const name = invocation.argument("NAME");
  const force = invocation.isOn("force");
  return withStore(invocation, (store) =>
    driveTo(invocation, store, "STORED", () => store.client.changeTarget(name, { target: "STORED", force })),
  );
}
