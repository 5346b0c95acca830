import type { Digest } from "../../../core/digests.ts";

/** An image that the actors know, as its archive would tell. */
export interface ImagePlan {
  readonly name: string;
  /** Known when it is registered; null: found out by the download. */
  readonly checksum: Digest | null;
  /** What the download finds. */
  readonly found: Digest;
  /** Bottom first; a plain tar is its own layer. */
  readonly layers: readonly Digest[];
}

const digestOf = (digit: string): Digest => `sha256:${digit.repeat(64)}`;

const [A, B, C, ARCHIVE] = [digestOf("a"), digestOf("b"), digestOf("c"), digestOf("e")];

/** Two of one digest, one of a digest that is not known before, and two that share layers with others. */
export const IMAGES: readonly ImagePlan[] = [
  { name: "tar", checksum: A, found: A, layers: [A] },
  { name: "same", checksum: A, found: A, layers: [A] },
  { name: "unknown", checksum: null, found: A, layers: [A] },
  { name: "archive", checksum: null, found: ARCHIVE, layers: [B, A] },
  { name: "other", checksum: ARCHIVE, found: ARCHIVE, layers: [C, B, C] },
];

/** The plan of an image that was registered. */
export function planOf(name: string): ImagePlan {
  const plan = IMAGES.find((image) => image.name === name);
  if (plan === undefined) throw new Error(`no image is called "${name}"`);
  return plan;
}

/** Of the tree that a layer unpacks to; A and B unpack to the same tree. */
export function diffIdOf(digest: Digest): Digest {
  return digest === C ? digestOf("d") : digestOf("0");
}
