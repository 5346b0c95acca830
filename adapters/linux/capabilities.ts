import { hasCode } from "./errno.ts";
import { declare, lastError } from "./ffi.ts";

/** Numbers of capabilities(7). */
export const CAPABILITIES = {
  chown: 0,
  dacOverride: 1,
  fowner: 3,
  fsetid: 4,
  setpcap: 8,
  sysChroot: 18,
  sysAdmin: 21,
  mknod: 27,
  setfcap: 31,
} as const;

export type Capability = keyof typeof CAPABILITIES;

const VERSION_3 = 0x20080522;
const PR_CAPBSET_DROP = 24;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

const capget = declare<(header: Uint8Array, sets: Uint8Array) => number>("int capget(void*, void*)");
const capset = declare<(header: Uint8Array, sets: Uint8Array) => number>("int capset(void*, const void*)");
const prctl = declare<(option: number, second: number, third: number, fourth: number, fifth: number) => number>(
  "int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)",
);

/** Three sets, each with bit N for capability N. */
interface Sets {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
}

/** Whether this thread may use all of them now. @throws {SystemCallError} */
export function hasCapabilities(...wanted: readonly Capability[]): boolean {
  const bits = bitsOf(wanted);
  return (readSets().effective & bits) === bits;
}

/**
 * Gives up, for good and for this thread alone, every capability but those named; those it does not have it does not get.
 * @throws {SystemCallError}
 */
export function keepCapabilities(...wanted: readonly Capability[]): void {
  // the bounding set first: to change it takes a capability itself
  if (hasCapabilities("setpcap")) bound(bitsOf(wanted));
  checked("prctl", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  const { permitted } = readSets();
  const kept = permitted & bitsOf(wanted);
  writeSets({ effective: kept, permitted: kept, inheritable: 0n });
}

/** What a program that is run could get. The kernel's own last capability ends it. */
function bound(wanted: bigint): void {
  for (let number = 0; number < 64; number++) {
    if ((wanted & (1n << BigInt(number))) !== 0n) continue;
    if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) === 0) continue;
    const error = lastError("prctl");
    if (hasCode(error, "EINVAL")) return;
    throw error;
  }
}

function bitsOf(capabilities: readonly Capability[]): bigint {
  return capabilities.reduce((bits, name) => bits | (1n << BigInt(CAPABILITIES[name])), 0n);
}

/** struct __user_cap_header_struct: version, thread (0: this one). */
function header(): Uint8Array {
  return new Uint8Array(new Uint32Array([VERSION_3, 0]).buffer);
}

/** struct __user_cap_data_struct, twice (low and high half): effective, permitted, inheritable. */
function readSets(): Sets {
  const words = new Uint32Array(6);
  checked("capget", capget(header(), new Uint8Array(words.buffer)));
  const [effective = 0, permitted = 0, inheritable = 0, ...high] = words;
  return {
    effective: joined(effective, high[0]),
    permitted: joined(permitted, high[1]),
    inheritable: joined(inheritable, high[2]),
  };
}

function writeSets({ effective, permitted, inheritable }: Sets): void {
  const sets = [effective, permitted, inheritable];
  const low = sets.map((set) => Number(set & 0xffff_ffffn));
  const high = sets.map((set) => Number(set >> 32n));
  checked("capset", capset(header(), new Uint8Array(new Uint32Array([...low, ...high]).buffer)));
}

function joined(low: number, high = 0): bigint {
  return BigInt(low) | (BigInt(high) << 32n);
}

function checked(syscall: string, result: number): void {
  if (result < 0) throw lastError(syscall);
}
