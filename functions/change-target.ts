import { ImgstoreError } from "../core/errors.ts";
import type { Target } from "../core/lifecycle/image.ts";
import { refusalOf } from "../core/lifecycle/next-move.ts";
import type { MountOption } from "../core/mount-options.ts";
import type { Placement } from "../core/ports/image-rows.ts";
import type { Engine } from "./engine.ts";

export interface TargetWish {
  readonly target: Target;
  readonly isFresh?: boolean;
  readonly isForced?: boolean;
  /** Of the next mount; null or absent: as they are. */
  readonly mountOptions?: readonly MountOption[] | null;
}

/** Another caller may change the target between our read and our write, this often at most. */
const TRIES = 8;

/**
 * Changes where a placement is to go, also while a move is under way: a held row's settle sees it. Returns the
 * placement as it is then; unchanged where the target is that already.
 * @throws {ImgstoreError} ILLEGAL_MOVE (being removed; a fresh upper under a live mount), LOST_RACE, NO_SUCH_IMAGE
 */
export async function changeTarget(engine: Engine, seen: Placement, wish: TargetWish): Promise<Placement> {
  let placement = seen;
  for (let tries = 0; tries < TRIES; tries += 1) {
    requirePossible(placement, wish);
    const changed = await engine.images.changeTarget(placement, {
      target: wish.target,
      opId: engine.clock.newId(),
      isFresh: wish.isFresh === true,
      isForced: wish.isForced === true,
      ...(wish.mountOptions ? { mountOptions: wish.mountOptions } : {}),
    });
    if (changed.kind === "applied") {
      engine.inFlight.wake();
      return changed.placement;
    }
    if (changed.placement === null || changed.placement.id !== seen.id) throw gone(seen);
    placement = changed.placement;
  }
  throw new ImgstoreError("LOST_RACE", `the target of "${seen.name}" is being changed by others`, {
    hint: "try again",
  });
}

function requirePossible(placement: Placement, wish: TargetWish): void {
  if (refusalOf(placement.state, wish.target) !== null) {
    throw new ImgstoreError("ILLEGAL_MOVE", `"${placement.name}" is being removed, and there is no way back`, {
      hint: "wait until it is gone, then fetch it again",
    });
  }
  if (wish.isFresh === true && (placement.state === "ACTIVE" || placement.state === "ACTIVATING")) {
    throw new ImgstoreError("ILLEGAL_MOVE", `"${placement.name}" is ${placement.state}: its upper is in use`, {
      hint: "`imgstore deactivate` it first",
    });
  }
}

function gone(placement: Placement): ImgstoreError {
  return new ImgstoreError("NO_SUCH_IMAGE", `"${placement.name}" is gone`);
}
