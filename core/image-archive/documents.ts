import * as v from "valibot";
import { type Digest, parseDigest } from "../digests.ts";
import { refusal } from "./refusal.ts";

/** A document larger than this is none, in bytes: registries have the same limit. */
export const MAX_DOCUMENT_BYTES: number = 4 * 2 ** 20;

/** A document of an archive: what is in the file of that path. */
export interface ArchiveDocument {
  readonly path: string;
  readonly text: string;
}

/** A digest as documents have it; others than SHA-256 are refused. */
export const digestText: v.GenericSchema<unknown, Digest> = v.pipe(
  v.string(),
  v.regex(/^sha256:[0-9a-f]{64}$/, "a SHA-256 digest is expected"),
  v.transform(parseDigest),
);

/**
 * What a document says, as far as `schema` asks.
 * @throws {ImgstoreError} CORRUPT_ARCHIVE naming the field
 */
export function parseDocument<T>(schema: v.GenericSchema<unknown, T>, { path, text }: ArchiveDocument): T {
  const result = v.safeParse(schema, parseJson(path, text));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  throw refusal(
    "CORRUPT_ARCHIVE",
    path,
    `is not as it has to be: ${field === null ? "" : `${field}: `}${issue.message}`,
  );
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw refusal("CORRUPT_ARCHIVE", path, "is not JSON", error);
    throw error;
  }
}
