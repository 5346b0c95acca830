/** A line of /proc/PID/mountinfo: what is mounted where, as one mount namespace sees it. */
export interface MountinfoEntry {
  /** The reusable mount id, decimal; not the unique one of statx. */
  readonly mountId: string;
  readonly parentId: string;
  /** st_dev of the file system, decimal. */
  readonly deviceId: string;
  readonly mountPoint: string;
  readonly fsType: string;
  /** What the mounter called it; empty where it said nothing. */
  readonly source: string;
  /** Options of the file system, one `key=value` or `key` each. */
  readonly superOptions: readonly string[];
}

/**
 * The entries of a mountinfo text, in the kernel's order: of two mounts on one mount point the later one is on top.
 * Lines that are not understood are left out.
 * @see proc_pid_mountinfo(5)
 */
export function parseMountinfo(text: string): MountinfoEntry[] {
  return text
    .split("\n")
    .map(parseLine)
    .filter((entry) => entry !== null);
}

/** st_dev as glibc and the kernel's 64-bit stat make it of a major and a minor number, decimal. */
export function deviceIdOf(major: number, minor: number): string {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (((high & ~0xfffn) << 32n) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | (low & 0xffn)).toString();
}

function parseLine(line: string): MountinfoEntry | null {
  const fields = line.split(" ");
  // optional fields end at a lone hyphen; there may be none of them
  const separator = fields.indexOf("-", 6);
  const [mountId, parentId, device, , mountPoint] = fields;
  const [fsType, source, superOptions] = fields.slice(separator + 1);
  const numbers = /^(\d+):(\d+)$/.exec(device ?? "");
  if (separator < 0 || numbers === null) return null;
  if (mountId === undefined || parentId === undefined || mountPoint === undefined || fsType === undefined) return null;
  return {
    mountId,
    parentId,
    deviceId: deviceIdOf(Number(numbers[1]), Number(numbers[2])),
    mountPoint: unescaped(mountPoint),
    fsType: unescaped(fsType),
    source: unescaped(source ?? ""),
    superOptions: (superOptions ?? "").split(",").map(unescaped),
  };
}

/** The kernel writes space, tab, newline, backslash and `#` as a backslash and three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
