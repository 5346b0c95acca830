import { closeDescriptor } from "./directory.ts";
import { declare, lastError } from "./ffi.ts";

const CREATE_RULESET = 444;
const ADD_RULE = 445;
const RESTRICT_SELF = 446;

const ASK_VERSION = 1;
const RULE_PATH_BENEATH = 1;

const createRuleset = declare<
  (call: number, attributes: Uint8Array | null, sizeBytes: number, flags: number) => number
>("long syscall(long, const void*, size_t, unsigned int)");
const addRule = declare<(call: number, ruleset: number, type: number, rule: Uint8Array, flags: number) => number>(
  "long syscall(long, int, int, const void*, unsigned int)",
);
const restrictSelf = declare<(call: number, ruleset: number, flags: number) => number>(
  "long syscall(long, int, unsigned int)",
);

/** What a version of landlock knows: access to files, to the network, and what goes to processes outside. */
interface Rights {
  readonly files: bigint;
  readonly network: bigint;
  readonly scoped: bigint;
  /** Of `struct landlock_ruleset_attr`. */
  readonly sizeBytes: number;
}

const EXECUTE = 1n << 0n;
const IOCTL_DEVICE = 1n << 15n;

/** The version of landlock that the kernel has; 0 where it has none, or has it turned off. */
export function landlockVersion(): number {
  return Math.max(0, createRuleset(CREATE_RULESET, null, 0, ASK_VERSION));
}

/**
 * Keeps this thread, for good, to what lies beneath a directory, whatever descriptors it holds of others: files there
 * may be made, renamed, linked, read, written and removed, no program run, no device driven; and, as far as the kernel's
 * version knows, nothing is listened on or connected to by TCP, and no signal or abstract socket reaches other processes.
 * It does not stop the changing of owners, modes, times and extended attributes, nor looking: those it knows nothing of.
 * The thread must have forbidden itself new privileges.
 * @returns false, with nothing changed, before version 2 (Linux 5.19): the first one allows no hard link from one
 * directory to another
 * @throws {SystemCallError} E2BIG (16 such layers already) and others
 * @see https://docs.kernel.org/userspace-api/landlock.html
 */
export function restrictToDirectory(directory: number): boolean {
  const version = landlockVersion();
  if (version < 2) return false;
  const { files, network, scoped, sizeBytes } = rightsOf(version);
  const attributes = new Uint8Array(new BigUint64Array([files, network, scoped]).buffer);
  const ruleset = checked("landlock_create_ruleset", createRuleset(CREATE_RULESET, attributes, sizeBytes, 0));
  try {
    const rule = beneath(directory, files & ~EXECUTE & ~IOCTL_DEVICE);
    checked("landlock_add_rule", addRule(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0));
    checked("landlock_restrict_self", restrictSelf(RESTRICT_SELF, ruleset, 0));
    return true;
  } finally {
    closeDescriptor(ruleset);
  }
}

function rightsOf(version: number): Rights {
  return {
    files: allBits(filesBits(version)),
    // bind and connect by TCP
    network: version >= 4 ? allBits(2) : 0n,
    // abstract UNIX sockets, signals
    scoped: version >= 6 ? allBits(2) : 0n,
    sizeBytes: version >= 6 ? 24 : version >= 4 ? 16 : 8,
  };
}

/** From EXECUTE to MAKE_SYM at first, then REFER, TRUNCATE, IOCTL_DEV. */
function filesBits(version: number): number {
  if (version >= 5) return 16;
  return version >= 3 ? 15 : 14;
}

function allBits(count: number): bigint {
  return (1n << BigInt(count)) - 1n;
}

/** struct landlock_path_beneath_attr, packed: what is allowed, the directory's descriptor. */
function beneath(directory: number, allowed: bigint): Uint8Array {
  const rule = new DataView(new ArrayBuffer(12));
  rule.setBigUint64(0, allowed, true);
  rule.setInt32(8, directory, true);
  return new Uint8Array(rule.buffer);
}

function checked(syscall: string, result: number): number {
  if (result < 0) throw lastError(syscall);
  return result;
}
