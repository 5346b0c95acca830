import type { Digest } from "../../core/digests.ts";
import type { RecordedError } from "../../core/errors.ts";
import type { Move, State, Target } from "../../core/lifecycle/image.ts";
import type { MountOption } from "../../core/mount-options.ts";
import type { Progress } from "../../core/ports/image-rows.ts";

/** An image on a node as the routes and `--json` show it. Times are milliseconds since 1970. */
export interface ImageJson {
  readonly name: string;
  readonly node: string;
  /** Without credentials and signatures. */
  readonly source: string;
  readonly checksum: Digest | null;
  /** `REMOVED` only in the answer to the transition that ended it. */
  readonly state: State | "REMOVED";
  readonly target: Target;
  readonly version: number;
  readonly generation: number;
  readonly attempt: number;
  /** The last one, also while it is being retried. */
  readonly error: RecordedError | null;
  readonly progress: Progress | null;
  readonly sizeBytes: number | null;
  readonly layers: readonly {
    readonly digest: Digest;
    readonly diffId: Digest | null;
    readonly sizeBytes: number | null;
  }[];
  /** Absolute path while ACTIVE. */
  readonly mountPoint: string | null;
  readonly mountOptions: readonly MountOption[];
  readonly driver: string | null;
  /** Who makes the present move; null when nobody does. */
  readonly worker: string | null;
  /** What another image's attempt makes and this one waits for, as `blob:sha256:…`; null where it waits for none. */
  readonly waitsFor: string | null;
  readonly createdAtMs: number;
  /** Since when it is in its state. */
  readonly stateSinceMs: number;
  /** Of the last sign of life. */
  readonly updatedAtMs: number;
  readonly dueAtMs: number | null;
}

export interface ImageListJson {
  readonly images: readonly ImageJson[];
  readonly nextCursor: string | null;
}

export interface HistoryEntryJson {
  readonly seq: number;
  readonly fromState: State | null;
  readonly toState: State | "REMOVED";
  readonly move: Move | "register";
  readonly attempt: number;
  readonly node: string;
  readonly worker: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly error: RecordedError | null;
  /** Which incarnation of the name. */
  readonly incarnation: number;
}

export interface PutImageJson {
  readonly source: string;
  readonly checksum?: string;
  /** Default ACTIVE. */
  readonly target?: Target;
  readonly mountOptions?: readonly string[] | string;
}

export interface PatchImageJson {
  readonly target: Target;
  /** With ACTIVE: begin with an empty upper. */
  readonly fresh?: boolean;
  /** With STORED or REMOVED: detach a busy mount lazily. */
  readonly force?: boolean;
}

export interface SweepRequestJson {
  readonly limit?: number;
  readonly budgetMs?: number;
  readonly concurrency?: number;
}

export interface SweepJson {
  /** Transitions made, with the image's name. */
  readonly moved: readonly { readonly name: string; readonly move: Move; readonly toState: State | "REMOVED" }[];
  /** Attempts that failed, retried or given up. */
  readonly failed: readonly { readonly name: string; readonly move: Move; readonly error: RecordedError }[];
  /** Rows that are under way or wait for something. */
  readonly waiting: number;
  /** ACTIVE images that are mounted in another mount namespace: this sweep can say nothing of their mounts. */
  readonly unjudged: number;
  /** When the next row of this node is due, by the database's clock; null when all rest. */
  readonly nextDueAtMs: number | null;
  /** The database's time, to count from. */
  readonly nowMs: number;
}

export interface GcRequestJson {
  readonly dryRun?: boolean;
  /** Also drop blobs that are only kept for repair. */
  readonly blobs?: boolean;
}

export interface GcJson {
  readonly dryRun: boolean;
  /** The request's time was up before all was removed; the collection goes on, and `removed` is not known yet. */
  readonly underWay: boolean;
  readonly removed: readonly {
    readonly kind: "blob" | "partial" | "layer" | "staging" | "upper";
    readonly name: string;
    readonly sizeBytes: number | null;
  }[];
  readonly freedBytes: number;
}

export interface VerifyRequestJson {
  /** Of one image only. */
  readonly name?: string;
  /** Send what is damaged back to be made again. */
  readonly repair?: boolean;
}

export interface VerifyJson {
  /** The request's time was up before all was looked at; the verification goes on, and nothing is known yet. */
  readonly underWay: boolean;
  /** Whether what is damaged was sent back. */
  readonly repaired: boolean;
  readonly checked: { readonly blobs: number; readonly layers: number; readonly bytes: number };
  readonly damaged: readonly {
    readonly kind: "blob" | "layer";
    readonly digest: Digest;
    readonly problem: string;
    /** That have it. */
    readonly images: readonly string[];
  }[];
  /** Nothing can be said of these, and why. */
  readonly unverified: readonly {
    readonly kind: "blob" | "layer";
    readonly digest: Digest;
    readonly problem: string;
  }[];
  /** What no row speaks of: `gc` removes it. */
  readonly strays: GcJson["removed"];
}

/** `application/problem+json` (RFC 9457). */
export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string | null;
  /** With OTHER_NODE: who can do it. With ILLEGAL_MOVE, LOST_RACE and LEASED: the image as it is. */
  readonly node?: string;
  readonly image?: ImageJson;
}
