// Every way that a thread has to what lies outside its directory: each throws where it leads nowhere. All that they call
// is loaded before the wall closes.
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const AT_EMPTY_PATH = 0x1000;
const OPEN_TREE_CLONE = 1;
const CLONE_FS = 0x200;
const CLONE_NEWNS = 0x20000;
const PTRACE_SEIZE = 0x4206;
const SIGCONT = 18;
const O_DIRECTORY = 0o200000;
const BLOCK_DEVICE = 0o060600;
const CHARACTER_DEVICE = 0o020600;

const NUMBERS = { x64: { setns: 308, prlimit: 302 }, arm64: { setns: 268, prlimit: 261 } };

/** What name_to_handle_at(2) says of a path. */
export function handleOf({ declare, lastError }, path) {
  const nameToHandle = declare("int name_to_handle_at(int, const char*, void*, int*, int)");
  const handle = new Uint8Array(136);
  new DataView(handle.buffer).setUint32(0, 128, true);
  if (nameToHandle(-100, path, handle, new Int32Array(1), 0) < 0) throw lastError("name_to_handle_at");
  return handle;
}

/**
 * @param declare of adapters/linux/ffi
 * @param at openat and its like, of adapters/linux/openat
 * @param outside a directory with a file `secret`; `planted` may not be made there
 * @param inherited a descriptor of it that whoever started the process left open
 * @param victim another process of the same user
 * @param disk the number of the disk's device, as stat(2) has it
 * @param handle `handleOf` the directory
 */
export function attacksOf({ declare, lastError, at, outside, inherited, victim, disk, handle }) {
  const call = declare("long syscall(long, long, long, long, long, long)");
  const pathCall = declare("long syscall(long, long, const char*, long, long, long)");
  const fsconfig = declare("long syscall(long, int, unsigned int, const char*, const void*, int)");
  const fsopen = declare("long syscall(long, const char*, unsigned int)");
  const mount = declare("int mount(const char*, const char*, const char*, unsigned long, const void*)");
  const openByHandle = declare("int open_by_handle_at(int, const void*, int)");
  const openat = declare("int openat(int, const char*, int, unsigned int)");
  const read = declare("long read(int, void*, size_t)");
  const [chdir, chroot] = ["chdir", "chroot"].map((name) => declare(`int ${name}(const char*)`));
  const [fchdir, unshare] = ["fchdir", "unshare"].map((name) => declare(`int ${name}(int)`));
  const kill = declare("int kill(int, int)");
  const ptrace = declare("long ptrace(long, long, long, long)");
  const spawnProgram = declare(
    "int posix_spawn(_Out_ int*, const char*, const void*, const void*, const char**, const char**)",
  );
  const socket = declare("int socket(int, int, int)");
  const chmodOf = declare("int fchmodat(int, const char*, unsigned int, int)");
  const numbers = NUMBERS[process.arch];

  const must = (name, result) => {
    if (result < 0) throw lastError(name);
    return result;
  };
  const readSecret = (path) => {
    if (readFileSync(path, "utf8") !== "secret") throw new Error("it is another file");
  };
  const readAt = (dir, name) => {
    const fd = must("openat", openat(dir, name, 0, 0));
    if (must("read", read(fd, new Uint8Array(6), 6)) !== 6) throw new Error("it is empty");
  };
  const up = `${"../".repeat(40)}${outside.slice(1)}`;

  /** @param root the directory that the thread is confined to @param own a path of a directory in it @param name its name */
  return (root, own, name) => ({
    "reads by an absolute path": () => readSecret(`${outside}/secret`),
    "reads by dotdot": () => readSecret(`${own}/${up}/secret`),
    "reads by dotdot from its own descriptor": () => readAt(root, `${up}/secret`),
    "reads by dotdot from its working directory": () => {
      must("fchdir", fchdir(root));
      for (let i = 0; i < 64; i++) must("chdir", chdir(".."));
      readSecret(`.${outside}/secret`);
    },
    "reads through a symbolic link of its own": () => {
      at.makeSymlinkAt(root, at.cPath(`${name}-out`), at.cPath(outside));
      readAt(root, `${name}-out/secret`);
    },
    "reads through a descriptor that it inherited": () => readAt(inherited, "secret"),
    "reads through /proc/self/root": () => readSecret(`/proc/self/root${outside}/secret`),
    "reads through /proc/1/root": () => readSecret(`/proc/1/root${outside}/secret`),
    "reads through another process's root": () => readSecret(`/proc/${victim}/root${outside}/secret`),
    "lists the machine's root": () => {
      if (!readdirSync("/").includes("usr")) throw new Error("it is another root");
    },
    "writes by an absolute path": () => writeFileSync(`${outside}/secret`, "secret"),
    "creates by an absolute path": () => writeFileSync(`${outside}/planted`, ""),
    "creates through a descriptor that it inherited": () =>
      at.createFileAt(inherited, at.cPath("planted-there"), 0o600),
    "changes a mode through a descriptor that it inherited": () =>
      must("fchmodat", chmodOf(inherited, "secret", 0o600, 0)),
    "links out": () => {
      writeFileSync(`${own}/own`, "");
      linkSync(`${own}/own`, `${outside}/linked`);
    },
    "renames out": () => {
      writeFileSync(`${own}/own-too`, "");
      renameSync(`${own}/own-too`, `${outside}/renamed`);
    },
    "reads a disk by a node of its own": () => {
      at.makeNodeAt(root, at.cPath(`${name}-disk`), BLOCK_DEVICE, disk);
      readAt(root, `${name}-disk`);
    },
    "opens a device by a node of its own": () => {
      at.makeNodeAt(root, at.cPath(`${name}-null`), CHARACTER_DEVICE, 0x103);
      must("openat", openat(root, `${name}-null`, 0, 0));
    },
    "opens a directory by its handle": () => readAt(must("open", openByHandle(root, handle, O_DIRECTORY)), "secret"),
    "mounts proc": () => {
      mkdirSync(`${own}/proc`);
      must("mount", mount("proc", `${own}/proc`, "proc", 0, null));
    },
    "mounts the devices": () => {
      mkdirSync(`${own}/dev`);
      must("mount", mount("devtmpfs", `${own}/dev`, "devtmpfs", 0, null));
    },
    "mounts proc nowhere and looks into it": () => {
      const context = must("fsopen", fsopen(430, "proc", 0));
      must("fsconfig", fsconfig(431, context, 6, null, null, 0));
      readAt(must("fsmount", call(432, context, 0, 0, 0, 0)), `self/root${outside}/secret`);
    },
    "copies a mount from a descriptor that it inherited": () =>
      must("open_tree", pathCall(428, inherited, "", OPEN_TREE_CLONE | AT_EMPTY_PATH, 0, 0)),
    "takes a mount namespace of its own": () => must("unshare", unshare(CLONE_NEWNS)),
    "enters another process's mount namespace": () => {
      const process = must("pidfd_open", call(434, victim, 0, 0, 0, 0));
      unshare(CLONE_FS);
      must("setns", call(numbers.setns, process, CLONE_NEWNS, 0, 0, 0));
      readSecret(`${outside}/secret`);
    },
    "signals another process": () => must("kill", kill(victim, SIGCONT)),
    "signals another process by a descriptor": () => {
      const process = must("pidfd_open", call(434, victim, 0, 0, 0, 0));
      must("pidfd_send_signal", call(424, process, SIGCONT, 0, 0, 0));
    },
    "traces another process": () => must("ptrace", ptrace(PTRACE_SEIZE, victim, 0, 0)),
    "asks for another process's limits": () => must("prlimit64", call(numbers.prlimit, victim, 4, 0, 0, 0)),
    "runs a program": () => {
      const errno = spawnProgram([0], "/bin/true", null, null, ["true", null], [null]);
      if (errno !== 0) throw new Error(`posix_spawn: ${errno}`);
    },
    "opens a socket": () => must("socket", socket(2, 1, 0)),
    "makes a second root inside and walks up": () => {
      mkdirSync(`${own}/inner`);
      must("chroot", chroot(`${own}/inner`));
      must("fchdir", fchdir(root));
      for (let i = 0; i < 64; i++) must("chdir", chdir(".."));
      must("chroot", chroot("."));
      must("openat", openat(-100, `${outside}/secret`, 0, 0));
    },
  });
}
