/** A system call by its number on x86_64 and on aarch64. */
export interface RefusedCall {
  readonly numbers: readonly [x64: number, arm64: number];
  /** The call is let through where this argument (counted from 0, its lower 32 bits) has one of the values. */
  readonly unless: { readonly argument: number; readonly values: readonly number[] } | null;
}

/** The first number that no architecture had when this was written: what may come is refused unseen. */
export const FIRST_UNKNOWN_CALL = 471;

/** A working directory and a creation mask of the thread's own. */
const CLONE_FS = 0x200;

/** What runtimes ask of terminals, pipes and sockets: TCGETS to TCSETSF, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. */
const HARMLESS_REQUESTS = [0x5401, 0x5402, 0x5403, 0x5404, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451];

/**
 * What a process that unpacks never calls, and what could lead it out of its directory, or do harm from there, with the
 * capabilities that it keeps (CAP_SYS_ADMIN above all): other programs, other processes, mounts and namespaces, files by
 * handle, the kernel's own settings, the network, and io_uring, whose requests no filter sees.
 * @see the kernel's arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl
 */
export function refusedCalls(ownPid: number): readonly RefusedCall[] {
  return [...PROGRAMS, ...processCalls(ownPid), ...MOUNTS, ...HANDLES, ...KERNEL, ...NETWORK];
}

const PROGRAMS = [call("execve", 59, 221), call("execveat", 322, 281)];

/** To signal another process, to look into it, or to take its limits away. */
function processCalls(ownPid: number): readonly RefusedCall[] {
  return [
    call("kill", 62, 129, { argument: 0, values: [ownPid] }),
    call("tgkill", 234, 131, { argument: 0, values: [ownPid] }),
    call("rt_tgsigqueueinfo", 297, 240, { argument: 0, values: [ownPid] }),
    call("prlimit64", 302, 261, { argument: 0, values: [0, ownPid] }),
    call("tkill", 200, 130),
    call("rt_sigqueueinfo", 129, 138),
    call("pidfd_open", 434, 434),
    call("pidfd_getfd", 438, 438),
    call("pidfd_send_signal", 424, 424),
    call("ptrace", 101, 117),
    call("process_vm_readv", 310, 270),
    call("process_vm_writev", 311, 271),
    call("kcmp", 312, 272),
  ];
}

/** But chroot(2): a second thread needs it to follow the first one, and it leads nowhere from a detached mount. */
const MOUNTS = [
  call("mount", 165, 40),
  call("umount2", 166, 39),
  call("pivot_root", 155, 41),
  call("unshare", 272, 97, { argument: 0, values: [CLONE_FS] }),
  call("setns", 308, 268),
  call("open_tree", 428, 428),
  call("open_tree_attr", 467, 467),
  call("move_mount", 429, 429),
  call("fsopen", 430, 430),
  call("fsconfig", 431, 431),
  call("fsmount", 432, 432),
  call("fspick", 433, 433),
  call("mount_setattr", 442, 442),
  call("statmount", 457, 457),
  call("listmount", 458, 458),
  call("listns", 470, 470),
];

/** Of the whole file system, whatever part of it is mounted. */
const HANDLES = [call("name_to_handle_at", 303, 264), call("open_by_handle_at", 304, 265)];

/** Among an ioctl's requests are the freezing of a file system and typing into a terminal. */
const KERNEL = [
  call("ioctl", 16, 29, { argument: 1, values: HARMLESS_REQUESTS }),
  call("bpf", 321, 280),
  call("perf_event_open", 298, 241),
  call("fanotify_init", 300, 262),
  call("userfaultfd", 323, 282),
  call("swapon", 167, 224),
  call("swapoff", 168, 225),
  call("quotactl", 179, 60),
  call("quotactl_fd", 443, 443),
  call("sethostname", 170, 161),
  call("setdomainname", 171, 162),
  call("syslog", 103, 116),
  call("add_key", 248, 217),
  call("request_key", 249, 218),
  call("keyctl", 250, 219),
];

const NETWORK = [
  call("socket", 41, 198),
  call("io_uring_setup", 425, 425),
  call("io_uring_enter", 426, 426),
  call("io_uring_register", 427, 427),
];

/** @param _name for who reads the table */
function call(_name: string, x64: number, arm64: number, unless: RefusedCall["unless"] = null): RefusedCall {
  return { numbers: [x64, arm64], unless };
}
