import type { BenchOptions } from "./bench.ts";
import { contest } from "./contest.ts";
import { unpackContestants } from "./contestants/unpack.ts";
import { ARCHIVE_FORMS } from "./images/archive.ts";
import { archivesOf } from "./images/archives-of.ts";
import { headOf, reportOf } from "./report.ts";

/** Our engine against GNU tar and bsdtar: from a blob on the disk to a tree that is synced. */
export async function benchUnpack({ scratch, runs, image, forms, stop }: BenchOptions): Promise<void> {
  const wanted = ARCHIVE_FORMS.filter((form) => forms?.includes(form) ?? true);
  for await (const archive of archivesOf(image, wanted, stop)) {
    console.log(headOf(archive, runs));
    const contestants = unpackContestants(archive);
    const contenders = await contest({ contestants, runs, scratch, archive, stop });
    console.log(reportOf(contenders).join("\n"));
  }
}
