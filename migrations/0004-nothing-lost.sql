-- What keeps a store whole: room that is spoken for, what was damaged, what was used and looked over last.

-- What the unfinished work of a placement will still write, at most: it counts as taken before it is.
ALTER TABLE placements ADD COLUMN reserved_bytes INTEGER NOT NULL DEFAULT 0 CHECK (reserved_bytes >= 0);
ALTER TABLE placements ADD COLUMN reserved_inodes INTEGER NOT NULL DEFAULT 0 CHECK (reserved_inodes >= 0);
-- `done_bytes` as it was then: what is done since shows in what is free.
ALTER TABLE placements ADD COLUMN reserved_at_bytes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX placements_reserving ON placements (node, reserved_bytes, reserved_inodes) WHERE reserved_bytes > 0;

-- A layer of it was found damaged: it leaves its mount (which shows the old tree), and is fetched again.
ALTER TABLE placements ADD COLUMN is_repair_wanted INTEGER NOT NULL DEFAULT 0 CHECK (is_repair_wanted IN (0, 1));

-- Since when it is in its state: `updated_at_ms` moves with every heartbeat.
ALTER TABLE placements ADD COLUMN state_since_ms INTEGER NOT NULL DEFAULT 0;
UPDATE placements SET state_since_ms = updated_at_ms;

-- Every mount that should be there, to be compared with those that are, without a look at the rows themselves.
CREATE INDEX placements_active ON placements (node, name, boot_id, mount_ns, mount_id) WHERE state = 'ACTIVE';

-- When an image last needed it (what is dropped for room goes by this), and when its bytes were last looked over.
ALTER TABLE blobs ADD COLUMN used_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blobs ADD COLUMN verified_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE blobs SET used_at_ms = created_at_ms;
CREATE INDEX blobs_by_use ON blobs (node, used_at_ms) WHERE state = 'present';
CREATE INDEX blobs_by_verification ON blobs (node, verified_at_ms) WHERE state = 'present';

ALTER TABLE layers ADD COLUMN used_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE layers ADD COLUMN verified_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE layers SET used_at_ms = created_at_ms;
CREATE INDEX layers_by_use ON layers (node, used_at_ms) WHERE state = 'present';
CREATE INDEX layers_by_verification ON layers (node, verified_at_ms) WHERE state = 'present';

-- When the next blob or tree of a node may be looked over in the background: so much later as the last one was large.
CREATE TABLE scrubs (
  node TEXT PRIMARY KEY,
  due_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
