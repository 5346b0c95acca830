import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";

const SYS_STATMOUNT = 457;
const STATMOUNT_FS_TYPE = 0x20n;
const STATMOUNT_SB_SOURCE = 0x200n;

/** struct mnt_id_req in its first version, and where struct statmount keeps its fields and its strings. */
const REQUEST_BYTES = 24;
const REPLY_BYTES = 8192;
const AT = { mask: 8, fsType: 36, source: 124, strings: 512 } as const;

const statmount = declare<
  (n: number, request: Uint8Array, reply: Uint8Array, sizeBytes: number, flags: number) => number
>("long syscall(long, const void*, void*, size_t, unsigned int)");

/**
 * File system type and source of the mount with a unique id, at the same small cost for any number of mounts.
 * @returns null where this kernel does not say (before Linux 6.14), and where there is no such mount
 * @throws {SystemCallError}
 * @see statmount(2)
 */
export function describeMount(uniqueMountId: string): { readonly fsType: string; readonly source: string } | null {
  const request = new DataView(new ArrayBuffer(REQUEST_BYTES));
  const isLittleEndian = true;
  request.setUint32(0, REQUEST_BYTES, isLittleEndian);
  request.setBigUint64(8, BigInt(uniqueMountId), isLittleEndian);
  request.setBigUint64(16, STATMOUNT_FS_TYPE | STATMOUNT_SB_SOURCE, isLittleEndian);
  const reply = new Uint8Array(REPLY_BYTES);
  if (statmount(SYS_STATMOUNT, new Uint8Array(request.buffer), reply, REPLY_BYTES, 0) < 0) {
    const error = lastError("statmount");
    if (hasCode(error, "ENOSYS", "EPERM", "ENOENT")) return null;
    throw error;
  }
  const view = new DataView(reply.buffer);
  const mask = view.getBigUint64(AT.mask, isLittleEndian);
  if ((mask & STATMOUNT_FS_TYPE) === 0n || (mask & STATMOUNT_SB_SOURCE) === 0n) return null;
  const textAt = (field: number): string => {
    const begin = AT.strings + view.getUint32(field, isLittleEndian);
    return new TextDecoder().decode(reply.subarray(begin, reply.indexOf(0, begin)));
  };
  return { fsType: textAt(AT.fsType), source: textAt(AT.source) };
}
