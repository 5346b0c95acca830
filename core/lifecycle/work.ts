/**
 * What a node knows of a blob. `working` names the claim (placement and fence) that makes it; it counts only while that
 * claim lives. `removing` is garbage collection's mark: nobody may take it up before the file is gone.
 */
export const BLOB_STATES = ["absent", "working", "present", "damaged", "removing"] as const;

export type BlobState = (typeof BLOB_STATES)[number];

/** As for blobs; `staged` is a whole, synced tree under `tmp/` that waits to be published. */
export const LAYER_STATES = ["absent", "working", "staged", "present", "damaged", "removing"] as const;

export type LayerState = (typeof LAYER_STATES)[number];

/** How an unpacked tree keeps owners, modes and devices: in the inodes (as root), or in `user.containers.override_stat`. */
export const LAYER_FORMS = ["native", "override"] as const;

export type LayerForm = (typeof LAYER_FORMS)[number];
