import { ImgstoreError } from "../../core/errors.ts";
import type { StopSignal } from "../../core/ports/abort-signal.ts";
import type { Piece } from "../../core/ports/damage-rows.ts";
import { findStrays } from "../cron/strays.ts";
import type { Disk, Engine } from "../engine.ts";
import type { VerifyJson } from "../http/wire.ts";
import { namesByDigest, partsOf } from "./image-parts.ts";
import { dropLeftTrees } from "./left-trees.ts";
import { type Damage, repair } from "./repair.ts";
import { storedPieces } from "./stored-pieces.ts";
import { Verifier } from "./verifier.ts";

export interface VerifyOptions {
  /** Of one image only; null: everything on this node, strays too. */
  readonly name: string | null;
  /** Send what is damaged back to be made again. */
  readonly isRepairing: boolean;
  readonly signal: StopSignal;
}

/**
 * Reads every stored blob and compares every tree with its blob, finds what is missing and what no row speaks of. Changes
 * nothing unless it is to repair. One verification of a store at a time; takes the room of one tree under `tmp/`.
 * @throws {ImgstoreError} LEASED when another is under way, NO_SUCH_IMAGE, INTERRUPTED
 */
export async function verify(engine: Engine, options: VerifyOptions): Promise<VerifyJson> {
  const disk = await engine.disk();
  const report = await disk.locks.alone("verify", async () => {
    await dropLeftTrees(disk);
    return verifyAlone(engine, disk, options);
  });
  if (report !== null) return report;
  throw new ImgstoreError("LEASED", "another verification of this store is under way", { hint: "try again after it" });
}

async function verifyAlone(engine: Engine, disk: Disk, options: VerifyOptions): Promise<VerifyJson> {
  const { isRepairing, name } = options;
  const parts = name === null ? null : await partsOf(engine, name);
  const { pieces, damages: known } = await storedPieces(engine, disk, parts);
  const { found, unverified } = await lookAtAll(engine, disk, pieces, options.signal);
  const damages = [...known, ...(await stillThere(engine, disk, found))];
  // Before they are sent back: then their layers are not known any more.
  const names = await namesByDigest(engine, new Set(damages.map(({ piece }) => piece.digest)));
  if (isRepairing) await repair(engine, damages, [...new Set([...names.values()].flat())]);
  return {
    underWay: false,
    repaired: isRepairing,
    checked: sumOf(pieces),
    damaged: damages.map(({ piece: { kind, digest }, reason }) => ({
      kind,
      digest,
      problem: reason.message,
      images: names.get(digest) ?? [],
    })),
    unverified,
    strays: name === null ? (await findStrays(engine, disk, NOTHING)).map(({ entry }) => entry) : [],
  };
}

const NOTHING = { blobs: [], layers: [] };

interface Looked {
  readonly found: readonly Damage[];
  readonly unverified: VerifyJson["unverified"];
}

async function lookAtAll(engine: Engine, disk: Disk, pieces: readonly Piece[], signal: StopSignal): Promise<Looked> {
  const verifier = new Verifier(engine, disk, signal);
  const found: Damage[] = [];
  const unverified: VerifyJson["unverified"][number][] = [];
  for (const piece of pieces) {
    const finding = await verifier.look(piece);
    const { kind, digest } = piece;
    if (finding.kind === "right") await engine.work.noteVerified(piece, 0);
    if (finding.kind === "damaged") found.push({ piece, reason: finding.reason });
    if (finding.kind === "unverified") unverified.push({ kind, digest, problem: finding.reason });
  }
  return { found, unverified };
}

/** Without what was collected while we looked at it. */
async function stillThere(engine: Engine, disk: Disk, damages: readonly Damage[]): Promise<readonly Damage[]> {
  if (damages.length === 0) return [];
  const { pieces } = await storedPieces(engine, disk, null);
  const there = new Set(pieces.map(({ kind, digest }) => `${kind} ${digest}`));
  return damages.filter(({ piece }) => there.has(`${piece.kind} ${piece.digest}`));
}

function sumOf(pieces: readonly Piece[]): VerifyJson["checked"] {
  const count = (wanted: Piece["kind"]): number => pieces.filter(({ kind }) => kind === wanted).length;
  const bytes = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { blobs: count("blob"), layers: count("layer"), bytes };
}
