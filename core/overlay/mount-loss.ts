import type { MountIdentity } from "../ports/image-rows.ts";
import type { ObservedMount } from "../ports/mounts.ts";

/**
 * Why the mount that an ACTIVE row speaks of is gone; null when it is there, or when that cannot be judged from here:
 * a mount of this boot is judged only from the mount namespace that made it.
 */
export function mountLoss(
  known: MountIdentity | null,
  here: { readonly bootId: string; readonly mountNs: string },
  observed: ObservedMount | null,
): string | null {
  if (known === null) return "the row speaks of no mount";
  if (known.bootId !== here.bootId) return "the machine was started again since";
  if (known.mountNs !== here.mountNs) return null;
  if (observed === null) return "nothing is mounted there any more";
  if (observed.mountId !== known.mountId) return "another mount is there";
  return null;
}
