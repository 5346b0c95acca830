import { expect, it } from "vitest";
import { KEY, type MountsFixture } from "../support/mounts-fixture.ts";

/** What a driver leaves alone when it is asked by an attempt whose claim is over. */
export function describeStaleHolder(here: MountsFixture): void {
  const isStillOurs = async (): Promise<boolean> => false;
  const cancelled = { code: "CANCELLED" };

  it.each([false, true])("unmount of a stale attempt (forced: %s) leaves the mount alone", async (isForced) => {
    const known = await here.mount();
    await expect(here.mounts.unmount(KEY, { isForced, known, isStillOurs })).rejects.toMatchObject(cancelled);
    expect((await here.mounts.observe()).get(KEY)?.mountId).toBe(known.mountId);
  });

  it("mount of a stale attempt leaves the mount that is there alone", async () => {
    const known = await here.mount();
    await expect(here.mount([], isStillOurs)).rejects.toMatchObject(cancelled);
    expect((await here.mounts.observe()).get(KEY)?.mountId).toBe(known.mountId);
  });

  it("dropUpper of a stale attempt leaves the upper alone", async () => {
    await here.mount();
    await here.unmount();
    await expect(here.mounts.dropUpper(KEY, isStillOurs)).rejects.toMatchObject(cancelled);
    expect(await here.mounts.listUppers()).toEqual([KEY]);
  });
}
