// A thread behind the second wall that tries to get out: `node confined-attacker.mjs DIST DIRECTORY OUTSIDE`.
// Prints JSON: the wall, and for each way what came of it.
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , dist, directory, outside] = process.argv;
const load = (file) => import(`${dist}/adapters/linux/${file}.js`);
const { confineThread } = await load("confine");
const { declare, lastError } = await load("ffi");
const calls = await load("openat");
const files = await load("file-calls");
const { setXattr, setXattrAt } = await load("xattr");
const { syncFileSystem } = await load("sync");

const chroot = declare("int chroot(const char*)");
const mount = declare("int mount(const char*, const char*, const char*, unsigned long, const void*)");
const unshare = declare("int unshare(int)");
const fsopen = declare("long syscall(long, const char*, unsigned int)");
const fsconfig = declare("long syscall(long, int, unsigned int, const void*, const void*, int)");
const fsmount = declare("long syscall(long, int, unsigned int, unsigned int)");
const kill = declare("int kill(int, int)");
const ptrace = declare("long ptrace(int, int, void*, void*)");
const fchdir = declare("int fchdir(int)");
const openFile = declare("int open(const char*, int, unsigned int)");
const byHandle = declare("int open_by_handle_at(int, void*, int)");

function must(name, result) {
  if (result < 0) throw lastError(name);
  return result;
}

const { wall, root } = confineThread(directory);

const attacks = {
  "reads by an absolute path": () => readFileSync(join(outside, "secret")),
  "reads by dotdot": () => readFileSync(`${"../".repeat(40)}${outside.slice(1)}/secret`),
  "lists the machine's root": () => {
    if (readdirSync("/").includes("usr")) return;
    throw new Error("it is another root");
  },
  "writes by an absolute path": () => writeFileSync(join(outside, "planted"), "x"),
  "renames out": () => {
    writeFileSync("/own", "x");
    renameSync("/own", join(outside, "planted"));
  },
  "links out": () => linkSync("/own", join(outside, "planted")),
  "opens through a symbolic link out": () => {
    calls.makeSymlinkAt(root, calls.cPath("out"), calls.cPath(outside));
    readFileSync("/out/secret");
  },
  "goes through /proc/1/root": () => readdirSync("/proc/1/root"),
  "makes a second root inside and walks up": () => {
    calls.makeDirectoryAt(root, calls.cPath("inner"), 0o755);
    must("chroot", chroot("/inner"));
    must("fchdir", fchdir(root));
    for (let i = 0; i < 64; i++) process.chdir("..");
    must("chroot", chroot("."));
    if (!existsSync("/usr")) throw new Error("it is another root");
  },
  "drives a disk by a node of its own": () => {
    calls.makeNodeAt(root, calls.cPath("null"), 0o020666, 0x103);
    must("open", openFile("/null", 2, 0));
  },
  "mounts proc": () => must("mount", mount("proc", "/inner", "proc", 0, null)),
  "mounts proc aside and reads it": () => {
    const context = must("fsopen", fsopen(430, "proc", 0));
    must("fsconfig", fsconfig(431, context, 6, null, null, 0));
    const mounted = must("fsmount", fsmount(432, context, 0, 0));
    must("fchdir", fchdir(mounted));
    readdirSync("1/root");
  },
  "takes a mount namespace of its own and mounts there": () => {
    must("unshare", unshare(0x20000));
    must("mount", mount("none", "/inner", "tmpfs", 0, null));
  },
  "opens by a handle": () =>
    must("open_by_handle_at", byHandle(root, new Uint8Array([8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), 0)),
  "kills its parent": () => must("kill", kill(process.ppid, 0)),
  "traces its parent": () => must("ptrace", ptrace(16, process.ppid, null, null)),
  "becomes another root directory's user again": () => must("chroot", chroot("/")),
};

const needs = {
  "makes directories, files, links and nodes with any owner, mode and time": () => {
    calls.makeDirectoryAt(root, calls.cPath("d"), 0o755);
    const dir = calls.openDirectoryInRoot(root, calls.cPath("d"));
    const fd = calls.createFileAt(dir, calls.cPath("f"), 0o644);
    files.setOwner(fd, 12345, 54321);
    files.setMode(fd, 0o6755);
    setXattr(
      fd,
      calls.cPath("security.capability"),
      Uint8Array.from(atob("AQAAAgAgAAAAAAAAAAAAAAAAAAA="), (c) => c.charCodeAt(0)),
    );
    setXattr(fd, calls.cPath("user.x"), new Uint8Array([1]));
    files.setTimes(fd, 1, 2);
    calls.linkAt(dir, calls.cPath("f"), root, calls.cPath("g"));
    calls.makeSymlinkAt(dir, calls.cPath("s"), calls.cPath("/anywhere"));
    setXattrAt(dir, calls.cPath("s"), calls.cPath("trusted.x"), new Uint8Array([1]));
    files.setOwnerAt(dir, calls.cPath("s"), 1, 1);
    calls.makeNodeAt(dir, calls.cPath("whiteout"), 0o020000, 0);
    calls.makeNodeAt(dir, calls.cPath("fifo"), 0o010644, 0);
    calls.unlinkAt(dir, calls.cPath("fifo"));
    const opened = calls.openDirectoryAt(dir, calls.cPath("."));
    setXattr(opened, calls.cPath("trusted.overlay.opaque"), new Uint8Array([0x79]));
    calls.renameAt(dir, calls.cPath("f"), root, calls.cPath("h"));
    syncFileSystem(root);
  },
};

function outcomes(ways) {
  return Object.fromEntries(
    Object.entries(ways).map(([name, act]) => {
      try {
        act();
        return [name, "succeeded"];
      } catch (error) {
        return [name, `refused: ${error.code ?? error.message}`];
      }
    }),
  );
}

// what is needed first: an attack may change where the thread is
const needed = outcomes(needs);
process.stdout.write(JSON.stringify({ wall, needed, attacks: outcomes(attacks) }));
