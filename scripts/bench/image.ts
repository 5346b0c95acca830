import { execFileSync } from "node:child_process";
import { create } from "tar";
import { packageRoot } from "../../adapters/package-files.ts";

const WANTED_BYTES = 250 * 2 ** 20;

/**
 * The path of the .tar.gz to fetch: the one given, `debian` for a fresh Debian root file system (mmdebstrap), or by
 * default about 250 MiB of this machine's own files.
 * @param directory where it is made
 */
export async function benchImage(wanted: string | undefined, directory: string): Promise<string> {
  if (wanted !== undefined && wanted !== "debian") return wanted;
  const image = `${directory}/image.tar.gz`;
  if (wanted === "debian") {
    execFileSync("bash", [`${packageRoot}scripts/create-debian-rootfs.sh`, image], { stdio: "inherit" });
  } else {
    await create({ gzip: true, file: image, cwd: "/" }, filesOfThisMachine());
  }
  return image;
}

/** Files from all over /usr, thinned evenly to the wanted size, so that small and large ones are mixed as they are there. */
function filesOfThisMachine(): string[] {
  const found = execFileSync("find", ["usr", "-xdev", "-type", "f", "-size", "-16M", "-printf", "%s %p\\0"], {
    cwd: "/",
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const files = found.split("\0").flatMap((line) => {
    const [, size, path] = /^(\d+) (.+)$/s.exec(line) ?? [];
    return path === undefined ? [] : { sizeBytes: Number(size), path };
  });
  const share = WANTED_BYTES / files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let seenBytes = 0;
  let takenBytes = 0;
  return files.flatMap(({ sizeBytes, path }) => {
    seenBytes += sizeBytes;
    if (takenBytes > share * seenBytes) return [];
    takenBytes += sizeBytes;
    return path;
  });
}
