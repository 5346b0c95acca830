import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ImgstoreError } from "../../core/errors.ts";
import { archive, directory, entry, gnuLong, hardlink, header, pax, symlink } from "../support/archive-builder.ts";
import { useUnpacking } from "../support/use-unpacking.ts";

const unpacking = useUnpacking();
const RUNS = Number(process.env["IMGSTORE_FUZZ_RUNS"] ?? 60);

const NAMES = [
  "a",
  "b",
  "a/b",
  "a/b/c",
  "l",
  "l/x",
  "../x",
  "/abs",
  ".wh.a",
  "a/.wh.b",
  ".wh..wh..opq",
  "a/.wh..wh..opq",
  ".wh..",
  "./",
  "x".repeat(101),
];
const name = fc.constantFrom(...NAMES);
const target = fc.constantFrom("a", "b", "..", "../../outside", "/", "/etc", "l", "a/b");
const fields = fc.record({
  mode: fc.nat({ max: 0o7777 }),
  uid: fc.nat({ max: 10 }),
  mtime: fc.integer({ min: -10, max: 10 }),
});

/** Entries of all kinds under few names, so that they meet. */
const piece = fc.oneof(
  fc
    .tuple(name, fields, fc.string({ maxLength: 600 }))
    .map(([path, rest, content]) => entry({ name: path, ...rest }, content)),
  fc.tuple(name, fields).map(([path, rest]) => directory(path, rest)),
  fc.tuple(name, target).map(([path, link]) => symlink(path, link)),
  fc.tuple(name, target).map(([path, link]) => hardlink(path, link)),
  fc
    .tuple(name, fc.constantFrom("3", "4", "6"), fc.nat({ max: 2 }))
    .map(([path, type, minor]) => header({ name: path, type, minor })),
  fc
    .tuple(name, name)
    .map(([path, real]) =>
      Buffer.concat([pax({ path: real, "SCHILY.xattr.user.a": "b" }), entry({ name: path }, "x")]),
    ),
  name.map((path) => Buffer.concat([gnuLong("L", path), entry({}, "y")])),
);

const mutation = fc.tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 255 }));

test(
  "no archive, sound or mutated, escapes, hangs, crashes or leaves anything behind",
  async () => {
    const attempt = fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 12 }),
      fc.array(mutation, { maxLength: 3 }),
      async (pieces, mutations) => {
        const bytes = Buffer.from(archive(...pieces));
        for (const [at, byte] of mutations) bytes[at % bytes.length] = byte;
        const blob = unpacking().store(bytes);
        const before = unpacking().outsideNow();
        const outcome = await unpacking()
          .unpack(blob)
          .catch((error: unknown) => error);
        if (outcome instanceof Error) {
          // an error without a code is no refusal: shown as it is
          if (!(outcome instanceof ImgstoreError)) throw outcome;
          const { code } = outcome;
          expect(["INTERNAL", "IO_ERROR", "NO_SPACE", "NO_PRIVILEGE"]).not.toContain(code);
        }
        expect(unpacking().outsideNow()).toBe(before);
        for (const left of await unpacking().trees.listUnfinished()) {
          expect(outcome).toMatchObject({ name: left });
          await unpacking().trees.discard(left);
        }
      },
    );
    await fc.assert(attempt, { numRuns: RUNS });
  },
  10_000 + RUNS * 2000,
);
