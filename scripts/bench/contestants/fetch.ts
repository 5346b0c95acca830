import { commandFile } from "../../command-file.ts";
import { type Contestant, shell } from "../contestant.ts";
import type { Archive } from "../images/archive.ts";
import { imgstoreProcess } from "../imgstore-process.ts";
import { DECOMPRESSORS } from "./decompressors.ts";
import { blobFloor, decompressionFloors } from "./floors.ts";
import { TAR_NEEDS, untar } from "./untar.ts";

/** Ways from a URL to an unpacked tree and the stored bytes, these checked against their digest, all of it synced. */
export function fetchContestants({ path, sha256, form }: Archive, url: string): Contestant[] {
  const pipes = DECOMPRESSORS[form].map(
    ({ command, needs }): Contestant => ({
      name: `curl | tee blob >(sha256sum) | ${command} | tar -x; sync -f`,
      role: "theirs",
      needs: { curl: "curl", ...TAR_NEEDS, ...needs },
      command: (disk) => shell(pipe(command), url, disk, sha256),
    }),
  );
  return [
    ...pipes,
    {
      name: "imgstore fetch, to ACTIVE",
      role: "ours",
      needs: {},
      command: (disk) => imgstoreProcess(`${disk}/store`, commandFile, "fetch", "bench", url, sha256),
    },
    ...decompressionFloors(form, path),
    blobFloor(path),
  ];
}

/** `$1`: URL, `$2`: directory, `$3`: what the digest must be. */
function pipe(decompress: string): string {
  return `cd "$2"; mkdir tree
exec 3> >(sha256sum >sum)
hashing=$!
curl --silent --fail "$1" | tee blob /dev/fd/3 | ${decompress} | ${untar("tree")}
exec 3>&-
wait "$hashing"
[ "$(cut -c 1-64 sum)" = "$3" ]
timed_sync tree`;
}
