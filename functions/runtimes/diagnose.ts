import { statfsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Database } from "../../adapters/libsql/database.ts";
import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import type { Composed } from "./compose.ts";
import { diagnoseUnpacking } from "./diagnose-unpacking.ts";
import type { Diagnosis } from "./runtime.ts";

/** Below this much room an ordinary image does not fit. */
const SMALL_SPACE_BYTES = 2 ** 30;
const SMALL_INODES = 20_000;

/** SQLite from here on does not lose a write-ahead log's reset to a race of checkpoints. */
const WAL_RESET_FIXED = [3, 51, 3];

/** What this machine can do, each found by doing it. */
export async function diagnose(composed: Composed): Promise<readonly Diagnosis[]> {
  const { root } = composed.engine.settings;
  return [
    diagnoseRuntime(),
    await diagnoseDatabase(composed.database, composed.engine.settings.db),
    diagnoseSpace(root),
    diagnoseInodes(root),
    ...(await diagnoseUnpacking()),
    await diagnoseOverlay(composed),
    await diagnoseFuse(),
  ];
}

function diagnoseRuntime(): Diagnosis {
  const detail = "Deno" in globalThis ? `Deno (Node ${process.versions.node})` : `Node ${process.versions.node}`;
  return { subject: "runtime", ok: true, detail: `${detail}, ${process.platform} ${process.arch}`, hint: null };
}

async function diagnoseDatabase(database: Database, url: string): Promise<Diagnosis> {
  const subject = "database";
  try {
    const [rows] = await database.read([{ sql: "SELECT sqlite_version() AS version", args: {} }]);
    const version = String(rows?.[0]?.["version"]);
    return { subject, ok: true, detail: `${url}, SQLite ${version}${walRemark(version)}`, hint: null };
  } catch (thrown) {
    const error = asImgstoreError(thrown);
    return { subject, ok: false, detail: error.message, hint: error.hint };
  }
}

function walRemark(version: string): string {
  const parts = version.split(".").map(Number);
  const first = WAL_RESET_FIXED.findIndex((part, index) => part !== parts[index]);
  const isFixed = first === -1 || (parts[first] ?? 0) > (WAL_RESET_FIXED[first] ?? 0);
  return isFixed ? "" : " (checkpoints by one elected process)";
}

function diagnoseSpace(root: string): Diagnosis {
  const { bavail, bsize } = statfsSync(root);
  const freeBytes = bavail * bsize;
  const ok = freeBytes >= SMALL_SPACE_BYTES;
  const detail = `${(freeBytes / 2 ** 30).toFixed(1)} GiB free at ${root}`;
  return { subject: "space", ok, detail, hint: ok ? null : "`imgstore gc`, or a --root with more room" };
}

function diagnoseInodes(root: string): Diagnosis {
  const { files, ffree } = statfsSync(root);
  // Some file systems (btrfs) count none: 0 of 0 is no limit.
  const ok = files === 0 || ffree >= SMALL_INODES;
  const detail = files === 0 ? "no limit" : `${ffree} free of ${files}`;
  return { subject: "inodes", ok, detail, hint: ok ? null : "`imgstore gc`, or a --root on another file system" };
}

async function diagnoseOverlay(composed: Composed): Promise<Diagnosis> {
  const subject = "driver overlayfs";
  try {
    const { mounts } = await composed.engine.disk();
    const { ok, reason, hint } = await mounts.probe();
    return { subject, ok, detail: ok ? `${reason} (auto picks it)` : reason, hint };
  } catch (thrown) {
    const error = thrown instanceof ImgstoreError ? thrown : asImgstoreError(thrown);
    return { subject, ok: false, detail: error.message, hint: error.hint };
  }
}

async function diagnoseFuse(): Promise<Diagnosis> {
  const filesystems = await readFile("/proc/filesystems", "utf8").catch(() => "");
  const isInKernel = /\bfuse$/m.test(filesystems);
  const detail = isInKernel ? "in the kernel; this version has no driver for it" : "not in the kernel";
  return { subject: "driver fuse", ok: false, detail, hint: null };
}
