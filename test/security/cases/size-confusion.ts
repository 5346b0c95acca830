import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../../support/archive-builder.ts";
import { accepted, each, type HostileCases, refusedWhole } from "../../support/hostile/hostile-case.ts";
import { summaryOfContents } from "../../support/hostile/tree-summary.ts";

/** An archive in an archive: a parser that loses count takes the inner entries for its own. */
const SMUGGLED = entry({ name: "smuggled" }, "owned");
const INNER = `file 644 ${summaryOfContents(Buffer.from(SMUGGLED))}`;

/** Sizes that readers count differently, so that one of them sees entries that another does not. */
export const sizeConfusion: HostileCases = () => [
  {
    name: "CVE-2025-62518: a PAX size of a file whose header says 0",
    archive: archive(
      pax({ size: `${SMUGGLED.length}` }),
      header({ name: "inner.tar", size: 0 }),
      SMUGGLED,
      entry({ name: "next" }),
    ),
    outcome: accepted({ "inner.tar": INNER, next: 'file 644 ""' }),
  },
  {
    name: "CVE-2025-62518: a PAX size smaller than the header's leaves no entry out",
    archive: archive(
      pax({ size: "0" }),
      header({ name: "a", size: SMUGGLED.length }),
      SMUGGLED,
      entry({ name: "next" }),
    ),
    outcome: accepted({ a: 'file 644 ""', smuggled: 'file 644 "owned"', next: 'file 644 ""' }),
  },
  {
    name: "CVE-2025-62518: a PAX size and a header's in base-256",
    archive: archive(
      pax({ size: `${SMUGGLED.length}` }),
      header({ name: "inner.tar", size: 2 ** 40 }),
      SMUGGLED,
      entry({ name: "next" }),
    ),
    outcome: accepted({ "inner.tar": INNER, next: 'file 644 ""' }),
  },
  ...each(["L", "K"] as const, (type) => ({
    name: `CVE-2026-53655: a PAX size is not that of a GNU long name between it and its entry (${type})`,
    archive: archive(
      pax({ size: `${SMUGGLED.length}` }),
      gnuLong(type, "inner.tar"),
      header({ name: "inner.tar", size: 0 }),
      SMUGGLED,
    ),
    outcome: accepted({ "inner.tar": INNER }),
  })),
  {
    name: "CVE-2026-53655: a PAX size is not that of a global header between it and its entry",
    archive: archive(
      pax({ size: `${SMUGGLED.length}` }),
      pax({ comment: "x".repeat(600) }, { type: "g" }),
      header({ name: "inner.tar", size: 0 }),
      SMUGGLED,
    ),
    outcome: accepted({ "inner.tar": INNER }),
  },
  {
    name: "CVE-2026-53655: a PAX size of 0 does not turn a long name into entries",
    archive: archive(
      pax({ size: "0" }),
      gnuLong("L", Buffer.from(SMUGGLED).toString("latin1", 0, 8)),
      entry({ name: "a" }, ""),
    ),
    outcome: accepted({ smuggled: 'file 644 ""' }),
  },
  {
    name: "a PAX size is over with its entry",
    archive: archive(
      pax({ size: "5" }),
      header({ name: "a" }),
      Buffer.from("12345".padEnd(512, "\0")),
      entry({ name: "b" }, "x"),
    ),
    outcome: accepted({ a: 'file 644 "12345"', b: 'file 644 "x"' }),
  },
  {
    name: "a size of what has no contents is passed over, in header and PAX",
    archive: archive(
      entry({ name: "a" }, "x"),
      hardlink("b", "a", { size: 1024 }),
      pax({ size: "512" }),
      directory("d"),
      symlink("s", "t", { size: 512 }),
      header({ name: "p", type: "6", size: 512 }),
      SMUGGLED,
    ),
    outcome: accepted({
      a: 'file 644 "x"',
      b: 'file 644 "x" = a',
      d: "dir 755",
      s: 'link "t"',
      p: "fifo 644",
      smuggled: 'file 644 "owned"',
    }),
  },
  {
    name: "a size above what the limits allow, before a byte of it is read",
    archive: archive(pax({ size: "9007199254740991" }), header({ name: "huge" })),
    outcome: refusedWhole("LIMIT_EXCEEDED", '"huge" (at byte 1024', "IMGSTORE_MAX_UNPACKED_BYTES"),
  },
  {
    name: "contents that end in the padding of their last block",
    archive: archive(header({ name: "a", size: 511 }), Buffer.alloc(512, "a"), entry({ name: "b" }, "x")),
    outcome: accepted({ a: `file 644 ${summaryOfContents(Buffer.alloc(511, "a"))}`, b: 'file 644 "x"' }),
  },
];
