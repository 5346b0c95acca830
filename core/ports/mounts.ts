import type { Digest } from "../digests.ts";
import type { MountOption } from "../mount-options.ts";
import type { MountIdentity } from "./image-rows.ts";

/**
 * A snapshot driver: mounts a copy-on-write file system over layers. Terms: a *key* is the image's name; its *upper* is
 * the writable layer under `overlays/<key>/`; its *mount point* is `active/<key>`.
 *
 * Mounts are judged and made only from the mount namespace that the store's earlier mounts were made in.
 */
export interface Mounts {
  readonly driver: "overlayfs" | "fuse" | "userns";

  /** Absolute path of a key's mount point. */
  mountPointOf(key: string): string;

  /** Boot and mount namespace of this process, to compare with rows. */
  here(): { readonly bootId: string; readonly mountNs: string };

  /** Whether this machine can do it, found by doing it; the reasons where not. */
  probe(): Promise<{ readonly ok: boolean; readonly reason: string; readonly hint: string | null }>;

  /**
   * Mounts the layers with the key's upper on a fresh mount point. What of ours is mounted there already is unmounted
   * first. The root and every other directory show the attributes that the topmost layer gives them that lists them: a
   * layer may have a directory only because of what lies in it (see `isImplied`). The same layer may be there twice.
   * @param request.isStillOurs asked after the fresh mount point is opened and before anything is mounted onto it: a later claim
   *   takes the directory away, so that a stale mount fails
   * @throws {ImgstoreError} MOUNT_FAILED, NO_PRIVILEGE, NO_DRIVER, NO_SPACE, IN_USE (a busy mount of ours lies there),
   *   LAYER_LOST, OTHER_NAMESPACE, CANCELLED (no longer ours)
   */
  mount(request: MountRequest): Promise<MountIdentity>;

  /**
   * Unmounts a key's mount and removes its mount point; done when nothing is mounted there. The upper stays.
   * @throws {ImgstoreError} IN_USE naming the processes that hold it, NO_PRIVILEGE, OTHER_NAMESPACE, IO_ERROR, CANCELLED (no
   *   longer ours)
   */
  unmount(key: string, how: UnmountRequest): Promise<Unmounted>;

  /** Keys with a mount of this store in this mount namespace, read once, and the mount of each. */
  observe(): Promise<ReadonlyMap<string, ObservedMount>>;

  /**
   * Takes a key's upper away at once and for good, by rename to a tombstone under `tmp/`, durably; deletes nothing yet.
   * Nothing when there is none.
   * @param isStillOurs asked right before the rename; absent: the upper is nobody's
   * @throws {ImgstoreError} IN_USE when something is still mounted over it, CANCELLED (no longer ours)
   */
  dropUpper(key: string, isStillOurs?: () => Promise<boolean>): Promise<void>;

  /** Keys that have an upper, for gc. */
  listUppers(): Promise<string[]>;
}

export interface MountRequest {
  readonly key: string;
  /** diffIds, bottom first. */
  readonly layers: readonly Digest[];
  readonly options: readonly MountOption[];
  readonly isStillOurs: () => Promise<boolean>;
}

export interface UnmountRequest {
  /** Detaches a busy mount lazily. */
  readonly isForced: boolean;
  /** The mount that the row speaks of. */
  readonly known: MountIdentity | null;
  /** Asked right before each unmount: by then it may be a successor's mount. Absent: nobody else can be at it. */
  readonly isStillOurs?: () => Promise<boolean>;
}

export interface Unmounted {
  /** Who held it when it was detached lazily; empty otherwise. */
  readonly detachedFrom: readonly string[];
}

export interface ObservedMount {
  /** In the form of `MountIdentity.mountId`. */
  readonly mountId: string;
  readonly deviceId: string;
}
