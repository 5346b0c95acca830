import { type Contestant, shell } from "../contestant.ts";
import type { ArchiveForm } from "../images/archive.ts";
import { DECOMPRESSORS } from "./decompressors.ts";

/** Decompression alone, by each command that can. */
export function decompressionFloors(form: ArchiveForm, archive: string): Contestant[] {
  return DECOMPRESSORS[form].map(({ command, needs }) => ({
    name: `${command} >/dev/null`,
    role: "floor",
    needs,
    command: () => shell(`${command} "$1" >/dev/null`, archive),
  }));
}

/** The stored bytes alone, synced. */
export function blobFloor(archive: string): Contestant {
  return {
    name: "cat >blob; sync -f",
    role: "floor",
    needs: {},
    command: (disk) => shell('cat "$1" >"$2/blob"; timed_sync "$2"', archive, disk),
  };
}
