import { ImgstoreError } from "../../../core/errors.ts";
import { parseSource } from "../../../core/source-url.ts";
import { commandFile } from "../../command-file.ts";
import { type Contestant, shell } from "../contestant.ts";
import type { ImageArchive } from "../images/image-archive.ts";
import { imgstoreProcess } from "../imgstore-process.ts";

/** Ways from an image archive in a file to a tree, all of it synced: mounted by imgstore and podman, plain by umoci. */
export function imageArchiveContestants({ path, kind }: ImageArchive): Contestant[] {
  const source = `${kind}:${path}`;
  const theirs: Contestant[] = [
    {
      name: "podman load; podman image mount; sync -f",
      role: "theirs",
      needs: { podman: "podman" },
      command: (disk) => shell(PODMAN, path, disk),
    },
    {
      name: "skopeo copy; umoci unpack; sync -f",
      role: "theirs",
      needs: { skopeo: "skopeo", umoci: "umoci" },
      command: (disk) => shell(SKOPEO_AND_UMOCI, source, disk),
    },
  ];
  if (!isSupported(source)) {
    console.log(`skipped: imgstore (this version knows no ${kind})`);
    return theirs;
  }
  return [
    ...theirs,
    {
      name: "imgstore fetch, to ACTIVE",
      role: "ours",
      needs: {},
      command: (disk) => imgstoreProcess(`${disk}/store`, commandFile, "fetch", "bench", source),
    },
  ];
}

const PODMAN = `export TMPDIR=$2
cd "$2" # podman takes no longer path than 50 characters for its --runroot
with=(--root "$2/root" --runroot run --tmpdir "$2/tmp" --storage-driver overlay --events-backend none)
podman "\${with[@]}" load --quiet --input "$1"
podman "\${with[@]}" image mount "$(podman "\${with[@]}" images --quiet)"
timed_sync "$2"`;

const SKOPEO_AND_UMOCI = `export TMPDIR=$2
skopeo --insecure-policy copy --quiet "$1" "oci:$2/layout:latest"
umoci unpack --image "$2/layout:latest" "$2/bundle"
timed_sync "$2"`;

function isSupported(source: string): boolean {
  try {
    parseSource(source);
    return true;
  } catch (error) {
    if (error instanceof ImgstoreError && error.code === "UNSUPPORTED_SOURCE") return false;
    throw error;
  }
}
