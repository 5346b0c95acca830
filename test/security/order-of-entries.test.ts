import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WRITER_WORTHWHILE_BYTES } from "../../adapters/layers/extractor/extract-tree.ts";
import { archive, directory, entry, hardlink, header, symlink } from "../support/archive-builder.ts";
import { FILLER, filler } from "../support/hostile/second-thread.ts";
import { summaryOf, type TreeSummary } from "../support/hostile/tree-summary.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();
const RUNS = 3;
/** More than one slot of the plain archive's memory. */
const LARGE_BYTES = 300_000;
const MAX_LARGE_ONES = 4;

const DIRECTORIES = ["d", "e", "e/f"];
const NAMES = ["", "1", "2", "3", "4"].flatMap((name) =>
  DIRECTORIES.map((parent) => (name === "" ? parent : `${parent}/${name}`)),
);

/** Anything under few names, so that entries meet; a hard link is one to another name. */
const piece = fc.record({
  name: fc.constantFrom(...NAMES),
  other: fc.constantFrom(...NAMES),
  kind: fc.constantFrom("file", "file", "file", "large", "directory", "symlink", "hardlink", "fifo", "whiteout"),
  mode: fc.nat({ max: 0o7777 }),
  uid: fc.nat({ max: 3 }),
  mtime: fc.nat({ max: 1000 }),
});

type Piece = typeof piece extends fc.Arbitrary<infer T> ? T : never;

/** The pieces of which no one is refused, as far as a model of the tree can tell: what lies below what is a directory. */
function possible(pieces: readonly Piece[]): Uint8Array[] {
  const kinds = new Map<string, string>();
  const chosen: Uint8Array[] = [];
  let largeOnes = 0;
  for (const { name, other, kind, ...fields } of pieces) {
    const parents = name.split("/").map((_, index, all) => all.slice(0, index).join("/"));
    if (parents.some((parent) => (kinds.get(parent) ?? "directory") !== "directory")) continue;
    if (kind === "large" && ++largeOnes > MAX_LARGE_ONES) continue;
    if (kind === "hardlink" && (!isFile(kinds.get(other)) || other.startsWith(`${name}/`))) continue;
    chosen.push(pieceOf({ name, other, kind, ...fields }));
    if (kind === "whiteout") continue;
    for (const parent of parents) if (parent !== "") kinds.set(parent, "directory");
    if (kind !== "directory") for (const below of kinds.keys()) if (below.startsWith(`${name}/`)) kinds.delete(below);
    kinds.set(name, kind);
  }
  return chosen;
}

function isFile(kind: string | undefined): boolean {
  return kind !== undefined && kind !== "directory";
}

function pieceOf({ name, other, kind, ...fields }: Piece): Uint8Array {
  switch (kind) {
    case "directory":
      return directory(name, fields);
    case "symlink":
      return symlink(name, other, fields);
    case "hardlink":
      return hardlink(name, other, fields);
    case "fifo":
      return header({ name, type: "6", ...fields });
    case "whiteout":
      return entry({ name: name.replace(/([^/]+)$/, ".wh.$1") });
    case "file":
    case "large":
      return entry({ name, ...fields }, Buffer.alloc(kind === "large" ? LARGE_BYTES : fields.mtime, name));
  }
}

test("the tree is the same whether one thread writes all of it or another one the files, in whatever order they come", async () => {
  const property = fc.asyncProperty(fc.array(piece, { minLength: 150, maxLength: 300 }), async (pieces) => {
    const entries = possible(pieces);
    const alone = archive(...entries);
    expect(alone.length).toBeLessThan(WRITER_WORTHWHILE_BYTES);
    expect(await found(archive(filler(), ...entries))).toEqual(await found(alone));
  });
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
});

async function found(bytes: Uint8Array): Promise<TreeSummary> {
  const { name } = await unpacking().unpack(unpacking().store(bytes));
  const tree = Object.entries(summaryOf(join(unpacking().root, "tmp", name)));
  await unpacking().trees.discard(name);
  return Object.fromEntries(tree.filter(([path]) => !path.startsWith(FILLER)));
}
