import type { ActiveMount, MountIdentity } from "../ports/image-rows.ts";
import type { ObservedMount } from "../ports/mounts.ts";

type Here = Pick<MountIdentity, "bootId" | "mountNs">;

/** Whether a mount was made in this boot, and in another mount namespace: from here nothing can be said of it. */
export function isOfAnotherNamespace(known: ActiveMount["mount"], here: Here): boolean {
  return known !== null && known.bootId === here.bootId && known.mountNs !== here.mountNs;
}

/**
 * Why the mount that an ACTIVE row speaks of is gone; null when it is there, or when that cannot be judged from here:
 * a mount of this boot is judged only from the mount namespace that made it.
 */
export function mountLoss(known: ActiveMount["mount"], here: Here, observed: ObservedMount | null): string | null {
  if (known === null) return "the row speaks of no mount";
  if (known.bootId !== here.bootId) return "the machine was started again since";
  if (isOfAnotherNamespace(known, here)) return null;
  if (observed === null) return "nothing is mounted there any more";
  if (observed.mountId !== known.mountId) return "another mount is there";
  return null;
}
