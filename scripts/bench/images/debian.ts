import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { packageRoot } from "../../../adapters/package-files.ts";
import { cachedFile } from "./cached-file.ts";
import { runScript } from "./run-script.ts";

/** Further packages of each Debian image, beside what `create-debian-rootfs.sh` always puts in. */
export const DEBIAN_IMAGES: Readonly<Record<string, string>> = { debian: "", "debian-large": "python3,git" };

/** A real Debian root file system, built with mmdebstrap where it is not there yet. */
export async function debianTar(image: string, packages: string, stop: AbortSignal): Promise<string> {
  const script = `${packageRoot}scripts/create-debian-rootfs.sh`;
  const hash = createHash("sha256").update(await readFile(script));
  return cachedFile(`${image}-${hash.digest("hex").slice(0, 12)}.tar`, (path) =>
    runScript(
      'trap \'rm -f "$2.gz"\' EXIT; bash "$1" "$2.gz" "$3"; gzip -dc "$2.gz" >"$2"',
      [script, path, packages],
      stop,
    ),
  );
}
