import type { BenchOptions } from "./bench.ts";
import { contest } from "./contest.ts";
import { fetchContestants } from "./contestants/fetch.ts";
import { imageArchiveContestants } from "./contestants/image-archives.ts";
import { ARCHIVE_FORMS } from "./images/archive.ts";
import { archivesOf } from "./images/archives-of.ts";
import { IMAGE_ARCHIVE_KINDS, imageArchiveOf } from "./images/image-archive.ts";
import { headOf, reportOf } from "./report.ts";
import { withServer } from "./server-process.ts";

/**
 * Fetch to ACTIVE: over loopback against the pipes that do without a store what it does, and of image archives against
 * podman, and against skopeo with umoci.
 */
export async function benchFetch(options: BenchOptions): Promise<void> {
  await fetchFromServer(options);
  await fetchImageArchives(options);
}

async function fetchFromServer({ scratch, runs, image, forms, stop }: BenchOptions): Promise<void> {
  const wanted = forms === null ? (["gz", "zst"] as const) : ARCHIVE_FORMS.filter((form) => forms.includes(form));
  for await (const archive of archivesOf(image, wanted, stop)) {
    console.log(headOf(archive, runs));
    const contenders = await withServer(archive.path, (url) =>
      contest({ contestants: fetchContestants(archive, url), runs, scratch, archive, stop }),
    );
    console.log(reportOf(contenders).join("\n"));
  }
}

async function fetchImageArchives({ scratch, runs, image, forms, stop }: BenchOptions): Promise<void> {
  const wanted = IMAGE_ARCHIVE_KINDS.filter((kind) => forms?.includes(kind) ?? true);
  if (wanted.length === 0) return;
  for await (const stored of archivesOf(image, ["gz"], stop)) {
    for (const kind of wanted) {
      const archive = await imageArchiveOf(stored, kind, scratch, stop);
      console.log(headOf(archive, runs));
      const contestants = imageArchiveContestants(archive);
      const contenders = await contest({ contestants, runs, scratch, archive, stop });
      console.log(reportOf(contenders).join("\n"));
    }
  }
}
