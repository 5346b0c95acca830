// `npm run bench [-- unpack|fetch|status|sweep] [--image NAME|FILE] [--form FORM]… [--runs N]`: imgstore against what one
// would do without it, measured here and now. Leaves no mount, loop device or file behind but the images that it made (in
// imgstore-bench-cache-UID of the temporary directory), also when it fails or is stopped by Ctrl-C.
import { existsSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { scratchDirectory } from "../scratch-directory.ts";
import type { BenchOptions, Form } from "./bench.ts";
import { isThere } from "./contest.ts";
import { benchFetch } from "./fetch.ts";
import { ARCHIVE_FORMS } from "./images/archive.ts";
import { IMAGE_NAMES } from "./images/archives-of.ts";
import { IMAGE_ARCHIVE_KINDS } from "./images/image-archive.ts";
import { LEGEND } from "./report.ts";
import { benchStatus } from "./status.ts";
import { benchSweep } from "./sweep.ts";
import { benchUnpack } from "./unpack.ts";

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  fetch: benchFetch,
  unpack: benchUnpack,
  status: benchStatus,
  sweep: benchSweep,
};

const FORMS: readonly Form[] = [...ARCHIVE_FORMS, ...IMAGE_ARCHIVE_KINDS];

const USAGE = `usage: npm run bench [-- ${Object.keys(BENCHES).join("|")}] [options]
  --image NAME|FILE  ${IMAGE_NAMES.join(", ")},
                     or a .tar, .tar.gz or .tar.zst (default: debian)
  --form FORM        only this form of the image, may be repeated: ${FORMS.join(", ")}
  --runs N           of each contestant (default: 5)`;

/** What none of them can do without, and the Debian packages it comes in. */
const NEEDS: Readonly<Record<string, string>> = { bash: "bash", "mkfs.ext4": "e2fsprogs", mount: "mount" };

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = askedFor();
  if (asked === null) return refuse(USAGE);
  if (process.getuid?.() !== 0) return refuse("the benchmarks mount file systems: only root may");
  const missing = Object.keys(NEEDS).filter((command) => !isThere(command));
  if (missing.length > 0) return refuse(`missing: apt-get install ${missing.map((name) => NEEDS[name]).join(" ")}`);
  const scratch = await scratchDirectory("bench");
  if (scratch === null) return refuse("every temporary directory lies on an overlay file system: set TMPDIR");
  return runIn(scratch, asked);
}

interface Asked {
  readonly bench: (options: BenchOptions) => Promise<void>;
  readonly options: Pick<BenchOptions, "runs" | "image" | "forms">;
}

/** Null when it cannot be understood. */
function askedFor(): Asked | null {
  try {
    return parseAsked();
  } catch {
    // an option that is not there
    return null;
  }
}

function parseAsked(): Asked | null {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "5" },
      image: { type: "string", default: "debian" },
      form: { type: "string", multiple: true },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const bench = BENCHES[positionals[0] ?? "fetch"];
  const runs = Number(values.runs);
  const forms = values.form?.flatMap((name) => FORMS.find((form) => form === name) ?? []);
  const isImage = IMAGE_NAMES.includes(values.image) || existsSync(values.image);
  if (bench === undefined || positionals.length > 1 || !Number.isInteger(runs) || runs < 1) return null;
  if (forms?.length !== values.form?.length || !isImage) return null;
  return { bench, options: { runs, image: values.image, forms: forms ?? null } };
}

async function runIn(scratch: string, { bench, options }: Asked): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  try {
    await bench({ ...options, scratch, stop: stop.signal });
    console.log(`\n${LEGEND}`);
    return 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function refuse(message: string): number {
  console.error(message);
  return 2;
}
