import { copyFileSync, mkdirSync } from "node:fs";
import { moduleFile } from "../../../adapters/package-files.ts";
import { type Contestant, shell } from "../contestant.ts";
import type { Archive } from "../images/archive.ts";
import { imgstoreProcess } from "../imgstore-process.ts";
import { DECOMPRESSORS } from "./decompressors.ts";
import { decompressionFloors } from "./floors.ts";
import { EXTRACT, TAR_NEEDS, untar } from "./untar.ts";

/** Ways of unpacking an archive that lies on the same disk, to a tree that is synced. */
export function unpackContestants({ path, sha256, form }: Archive): Contestant[] {
  const store = (disk: string): string => `${disk}/store`;
  const blob = (disk: string): string => `${store(disk)}/blobs/${sha256}`;
  const prepare = (disk: string): void => {
    mkdirSync(`${store(disk)}/blobs`, { recursive: true, mode: 0o700 });
    copyFileSync(path, blob(disk));
  };
  const byTar = tarCommands(form).map(
    ({ name, needs, script }): Contestant => ({
      name: `${name}; sync -f`,
      role: "theirs",
      needs,
      prepare,
      command: (disk) => shell(`mkdir "$2"; ${script}; timed_sync "$2"`, blob(disk), `${disk}/tree`),
    }),
  );
  return [
    ...byTar,
    {
      name: "imgstore's engine",
      role: "ours",
      needs: {},
      prepare,
      command: (disk) => imgstoreProcess(store(disk), moduleFile("scripts/bench/unpack-blob"), store(disk), sha256),
    },
    ...decompressionFloors(form, path),
  ];
}

interface TarCommand {
  readonly name: string;
  readonly needs: Contestant["needs"];
  /** Unpacks `$1` into the directory `$2`. */
  readonly script: string;
}

function tarCommands(form: Archive["form"]): TarCommand[] {
  const piped = (form === "tar" ? [] : DECOMPRESSORS[form]).map(({ command, needs }) => ({
    name: `${command} | tar -x`,
    needs: { ...TAR_NEEDS, ...needs },
    script: `${command} "$1" | ${untar('"$2"')}`,
  }));
  const plain = { name: "tar -x", needs: TAR_NEEDS, script: `${EXTRACT} "$2" --file "$1"` };
  return [
    ...(form === "tar" ? [plain] : piped),
    {
      name: "bsdtar -xp",
      needs: { bsdtar: "libarchive-tools" },
      script: 'bsdtar -x -p --numeric-owner --xattrs --acls -f "$1" -C "$2"',
    },
  ];
}
