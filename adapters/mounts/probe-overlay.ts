import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { ImgstoreError } from "../../core/errors.ts";
import { hasCode } from "../linux/errno.ts";
import { fileError } from "./file-errors.ts";
import { mountError } from "./mount-errors.ts";
import type { Places } from "./places.ts";
import { withTrialMount } from "./trial-mount.ts";

const OVERLAYFS_SUPER_MAGIC = 0x794c7630;
/** Of the first user namespace, in which a process may have the rights it needs. */
const WHOLE_ID_MAP = /^\s*0\s+0\s+4294967295\s*$/;

export interface Probed {
  readonly ok: boolean;
  readonly reason: string;
  readonly hint: string | null;
}

/** Whether overlayfs works here for this process and under this root, found by mounting one and writing into it. */
export async function probeOverlay(places: Places): Promise<Probed> {
  try {
    await mkdir(places.tmp, { recursive: true });
    await withTrialMount(places.newTemporary("probe"), {}, ({ merged }) => {
      writeFileSync(join(merged, "written"), "");
      // needs an upper that can say of a lower's file that it is gone
      rmSync(join(merged, "file"));
    });
    return { ok: true, reason: "an overlay was mounted and written to", hint: null };
  } catch (error) {
    return await refusalOf(error, places);
  }
}

async function refusalOf(error: unknown, places: Places): Promise<Probed> {
  const found = await circumstanceOf(error, places);
  if (found !== null) return { ok: false, ...found };
  const translated = isOfMount(error) ? mountError(error, places.tmp) : fileError(error, `try it in "${places.tmp}"`);
  if (!(translated instanceof ImgstoreError)) throw translated;
  return { ok: false, reason: translated.message, hint: translated.hint };
}

/** What lies behind an errno that says little. */
async function circumstanceOf(error: unknown, places: Places): Promise<Omit<Probed, "ok"> | null> {
  if (hasCode(error, "EPERM", "EACCES") && process.geteuid?.() !== 0) {
    return { reason: "mounting overlayfs needs root", hint: "run it as root" };
  }
  if (hasCode(error, "EPERM") && !WHOLE_ID_MAP.test(readFileSync("/proc/self/uid_map", "utf8"))) {
    return {
      reason: "root of a user namespace may not mount overlayfs here",
      hint: "run it outside",
    };
  }
  if (hasCode(error, "EINVAL") && (await statfs(places.tmp)).type === OVERLAYFS_SUPER_MAGIC) {
    return {
      reason: `"${places.tmp}" lies on an overlay, which cannot keep the writable layer of another`,
      hint: "put --root on a volume or a disk",
    };
  }
  return null;
}

function isOfMount(error: unknown): boolean {
  return (
    error instanceof Error &&
    "syscall" in error &&
    /^(fsopen|fsconfig|fsmount|move_mount|mount)$/.test(String(error.syscall))
  );
}
