// What a thread behind the wall needs to make any tree: each throws where it is refused.
const AT_EMPTY_PATH = 0x1000;
const O_TMPFILE = 0o20200000;

/** @param linux modules of adapters/linux by name @param blob a descriptor for reading, opened before the wall closed */
export function needsOf({ ffi, openat: at, files, xattr, sync, blocks, mask }, blob) {
  const { declare, lastError } = ffi;
  const fallocate = declare("int fallocate(int, int, int64_t, int64_t)");
  const openat = declare("int openat(int, const char*, int, unsigned int)");
  const linkat = declare("int linkat(int, const char*, int, const char*, int)");
  const renameat2 = declare("int renameat2(int, const void*, int, const void*, unsigned int)");
  const name = at.cPath;
  const must = (call, result) => {
    if (result < 0) throw lastError(call);
    return result;
  };

  /** @param root the directory @param own a name in it of a directory to work in */
  return (root, own) => {
    const dir = at.openDirectoryAt(root, name(own));
    const made = (file) => at.createFileAt(dir, name(file), 0o644);
    const capability = new Uint8Array(new Uint32Array([0x0200_0001, 0x2000, 0, 0, 0]).buffer);
    return {
      "a directory, found as if the root were /": () => {
        at.makeDirectoryAt(dir, name("d"), 0o755);
        at.makeSymlinkAt(dir, name("s"), name(`/${own}/d`));
        at.openDirectoryInRoot(root, name(`${own}/s`));
      },
      "a file with contents, owner, mode and times": () => {
        const fd = made("f");
        must("fallocate", fallocate(fd, 0, 0, 4096));
        const bytes = new Uint8Array(100);
        files.writeAt(fd, ffi.addressOf(bytes), bytes.length, 0);
        files.setSize(fd, bytes.length);
        files.setOwner(fd, 12345, 54321);
        files.setMode(fd, 0o6755);
        files.setTimes(fd, 1, 2);
        files.closeFile(fd);
      },
      "a creation mask of its own": () => {
        if (!mask.takeOwnCreationMask()) throw lastError("unshare");
      },
      "an attribute of a user": () => xattr.setXattr(made("u"), name("user.x"), new Uint8Array([1])),
      "capabilities of a file": () => xattr.setXattr(made("c"), name("security.capability"), capability),
      "overlayfs's opaque mark": () =>
        xattr.setXattr(at.openDirectoryAt(dir, name("d")), name("trusted.overlay.opaque"), new Uint8Array([0x79])),
      "an attribute of a symbolic link, its owner and times": () => {
        xattr.setXattrAt(dir, name("s"), name("trusted.x"), new Uint8Array([1]));
        files.setOwnerAt(dir, name("s"), 1, 1);
        files.setTimesAt(dir, name("s"), 1, 2);
      },
      "whiteouts, devices and pipes": () => {
        at.makeNodeAt(dir, name("whiteout"), 0o020000, 0);
        at.makeNodeAt(dir, name("disk"), 0o060660, 0x800);
        at.makeNodeAt(dir, name("pipe"), 0o010644, 0);
        files.setModeAt(dir, name("disk"), 0o640);
      },
      "hard links from one directory to another": () =>
        at.linkAt(dir, name("f"), at.openDirectoryAt(dir, name("d")), name("g")),
      "renames from one directory to another": () => {
        made("r");
        must("renameat2", renameat2(dir, name("r"), at.openDirectoryAt(dir, name("d")), name("r"), 1));
      },
      "a file that has a name when it is whole": () => {
        const fd = must("openat", openat(dir, ".", O_TMPFILE | 2, 0o600));
        // what may be refused is naming it: that takes a capability, or /proc
        linkat(fd, "", dir, "named", AT_EMPTY_PATH);
      },
      removals: () => {
        at.unlinkAt(dir, name("pipe"));
        at.makeDirectoryAt(dir, name("gone"), 0o755);
        at.removeDirectoryAt(dir, name("gone"));
      },
      "what is left of the disk, and a sync": () => {
        if (blocks.freeBlocksOf(dir) <= 0) throw new Error("nothing is free");
        sync.syncFileSystem(dir);
      },
      "what was opened before": () => {
        if (files.readAt(blob, new Uint8Array(4), 0) !== 4) throw new Error("there is less");
      },
    };
  };
}
