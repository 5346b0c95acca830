import type { BenchOptions } from "./bench.ts";
import { contest } from "./contest.ts";
import { fetchContestants } from "./contestants/fetch.ts";
import { archivesOf } from "./images/archives-of.ts";
import { headOf, reportOf } from "./report.ts";
import { withServer } from "./server-process.ts";

/** Fetch to ACTIVE over loopback against the pipes that do without a store what it does. */
export async function benchFetch({ scratch, runs, image, forms, stop }: BenchOptions): Promise<void> {
  for await (const archive of archivesOf(image, forms ?? ["gz", "zst"], stop)) {
    console.log(headOf(archive, runs));
    const contenders = await withServer(archive.path, (url) =>
      contest({ contestants: fetchContestants(archive, url), runs, scratch, archive, stop }),
    );
    console.log(reportOf(contenders).join("\n"));
  }
}
