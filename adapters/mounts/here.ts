import { readFileSync } from "node:fs";
import { ImgstoreError } from "../../core/errors.ts";
import type { MountIdentity } from "../../core/ports/image-rows.ts";
import { listMountNamespaces, ownMountNamespace } from "../linux/mount-namespaces.ts";

/** Boot and mount namespace of this process. @throws {SystemCallError} where /proc is not mounted */
export function here(): Pick<MountIdentity, "bootId" | "mountNs"> {
  return { bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), mountNs: ownMountNamespace() };
}

/**
 * Refuses to judge a mount that was made in another mount namespace which is still there. With the last process of a
 * namespace its mounts ended, as those of an earlier boot did.
 * @throws {ImgstoreError} OTHER_NAMESPACE
 */
export async function expectOurNamespace(key: string, known: MountIdentity | null): Promise<void> {
  const { bootId, mountNs } = here();
  if (known === null || known.bootId !== bootId || known.mountNs === mountNs) return;
  const pid = (await listMountNamespaces()).get(known.mountNs);
  if (pid === undefined) return;
  throw new ImgstoreError("OTHER_NAMESPACE", `"${key}" is mounted in another mount namespace, that of process ${pid}`, {
    hint: `run the command there: \`nsenter --target ${pid} --mount -- imgstore …\``,
  });
}
