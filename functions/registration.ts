import { type Digest, parseDigest } from "../core/digests.ts";
import { ImgstoreError } from "../core/errors.ts";
import type { Target } from "../core/lifecycle/image.ts";
import { DEFAULT_MOUNT_OPTIONS, type MountOption, parseMountOptions } from "../core/mount-options.ts";
import { parseName } from "../core/names.ts";
import type { Placement } from "../core/ports/image-rows.ts";
import { parseSource, redacted } from "../core/source-url.ts";
import { changeTarget } from "./change-target.ts";
import type { Engine } from "./engine.ts";

/** What a person asks for, before it is checked. */
export interface RegistrationRequest {
  readonly name: string;
  readonly source: string;
  readonly checksum?: string;
  readonly target?: Target;
  readonly mountOptions?: string | readonly string[];
}

/** What a person asks for, checked. */
export interface WantedImage {
  readonly name: string;
  readonly source: string;
  readonly checksum: Digest | null;
  readonly target: Target;
  /** Null: as they are, or the default for a new image. */
  readonly mountOptions: readonly MountOption[] | null;
}

/**
 * Checks a registration.
 * @throws {ImgstoreError} INVALID_NAME, INVALID_SOURCE, UNSUPPORTED_SOURCE, INVALID_DIGEST, CHECKSUM_REQUIRED,
 *   INVALID_TARGET, INVALID_MOUNT_OPTIONS
 */
export function checkRegistration(request: RegistrationRequest): WantedImage {
  const name = parseName(request.name);
  const source = parseSource(request.source);
  const checksum = request.checksum === undefined ? null : parseDigest(request.checksum);
  if (checksum === null && source.kind === "http") {
    throw new ImgstoreError(
      "CHECKSUM_REQUIRED",
      `"${redacted(request.source)}" comes over a network and has no SHA-256`,
      {
        hint: "give the digest that `sha256sum` prints for the file on the server",
      },
    );
  }
  const target = request.target ?? "ACTIVE";
  if (target === "REMOVED") {
    throw new ImgstoreError("INVALID_TARGET", "an image cannot be registered to be removed", {
      hint: "STORED or ACTIVE",
    });
  }
  const { mountOptions } = request;
  const list = typeof mountOptions === "string" ? mountOptions : mountOptions?.join(",");
  return {
    name,
    source: request.source,
    checksum,
    target,
    mountOptions: list === undefined ? null : parseMountOptions(list),
  };
}

export interface Registered {
  readonly isNew: boolean;
  readonly placement: Placement;
}

/**
 * Registers an image, or finds the same again: another target is a change of target, FAILED a retry, and a back-off is
 * cut short, because a person asked. Other mount options are those of the next mount.
 * @throws {ImgstoreError} NAME_TAKEN showing both sources, ILLEGAL_MOVE while it is being removed
 */
export async function register(engine: Engine, wanted: WantedImage): Promise<Registered> {
  const { isNew, placement } = await engine.images.register({
    ...wanted,
    mountOptions: wanted.mountOptions ?? DEFAULT_MOUNT_OPTIONS,
    opId: engine.clock.newId(),
    worker: engine.worker,
  });
  if (!isNew) {
    requireSame(wanted, placement);
    const changed = await changeTarget(engine, placement, wanted);
    return { isNew, placement: await goOn(engine, changed) };
  }
  engine.inFlight.wake();
  return { isNew, placement };
}

function requireSame(wanted: WantedImage, placement: Placement): void {
  const isSameChecksum =
    wanted.checksum === null || placement.checksum === null || wanted.checksum === placement.checksum;
  if (wanted.source === placement.source && isSameChecksum) return;
  throw new ImgstoreError(
    "NAME_TAKEN",
    `"${wanted.name}" is ${show(placement.source, placement.checksum)}, not ${show(wanted.source, wanted.checksum)}`,
    { hint: "choose another name, or `imgstore fetch --replace` to remove that one first" },
  );
}

/** Retries what FAILED, and cuts a back-off short. */
async function goOn(engine: Engine, placement: Placement): Promise<Placement> {
  if (placement.state === "FAILED") {
    const swapped = await engine.images.swap(placement, {
      move: "retry",
      opId: engine.clock.newId(),
      worker: engine.worker,
    });
    engine.inFlight.wake();
    return swapped.placement ?? placement;
  }
  await engine.images.wake(placement.id);
  engine.inFlight.wake();
  return placement;
}

function show(source: string, checksum: Digest | null): string {
  return `"${redacted(source)}" (${checksum ?? "no checksum"})`;
}
