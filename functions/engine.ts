import type { Blobs } from "../core/ports/blobs.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ImageArchives } from "../core/ports/image-archives.ts";
import type { ImageRows } from "../core/ports/image-rows.ts";
import type { LayerTrees } from "../core/ports/layer-trees.ts";
import type { Locks } from "../core/ports/locks.ts";
import type { Mounts } from "../core/ports/mounts.ts";
import type { Replies } from "../core/ports/replies.ts";
import type { Sources } from "../core/ports/sources.ts";
import type { Space } from "../core/ports/space.ts";
import type { WorkRows } from "../core/ports/work-rows.ts";
import type { Settings } from "../core/settings.ts";
import type { InFlight } from "./in-flight.ts";
import type { Reaper } from "./reaper.ts";

/** The ports that need this node's disk; loaded when the first move needs them. */
export interface Disk {
  readonly sources: Sources;
  readonly imageArchives: ImageArchives;
  readonly blobs: Blobs;
  readonly layers: LayerTrees;
  readonly mounts: Mounts;
  readonly locks: Locks;
  readonly space: Space;
}

/** What every way in shares: the rows, the disk, and who we are. */
export interface Engine {
  readonly settings: Settings;
  readonly images: ImageRows;
  readonly work: WorkRows;
  readonly replies: Replies;
  readonly clock: Clock;
  readonly disk: () => Promise<Disk>;
  /** Absolute path of a key's mount point. */
  readonly mountPointOf: (key: string) => string;
  /** This process, as leases and history name it. */
  readonly worker: string;
  /** Whether an act may go on after the request that began it was answered. */
  readonly outlivesRequests: boolean;
  readonly inFlight: InFlight;
  readonly reaper: Reaper;
}
