CREATE INDEX blobs_by_use ON blobs (node, used_at_ms) WHERE state = 'present';

CREATE INDEX blobs_by_verification ON blobs (node, verified_at_ms) WHERE state = 'present';

CREATE INDEX blobs_removing ON blobs (node) WHERE state = 'removing';

CREATE INDEX blobs_working ON blobs (node, holder_id) WHERE state = 'working';

CREATE INDEX history_by_name ON history (name, node, seq);

CREATE UNIQUE INDEX history_of_attempt ON history (placement_id, fence) WHERE from_state IS to_state;

CREATE UNIQUE INDEX history_of_transition ON history (placement_id, version) WHERE from_state IS NOT to_state;

CREATE INDEX images_by_checksum ON images (checksum);

CREATE INDEX layers_by_diff_id ON layers (node, diff_id);

CREATE INDEX layers_by_use ON layers (node, used_at_ms) WHERE state = 'present';

CREATE INDEX layers_by_verification ON layers (node, verified_at_ms) WHERE state = 'present';

CREATE INDEX layers_removing ON layers (node) WHERE state = 'removing';

CREATE INDEX layers_working ON layers (node, holder_id) WHERE state = 'working';

CREATE INDEX placement_layers_by_digest ON placement_layers (digest);

CREATE INDEX placements_active ON placements (node, name, boot_id, mount_ns, mount_id) WHERE state = 'ACTIVE';

CREATE UNIQUE INDEX placements_by_name ON placements (node, name);

CREATE INDEX placements_by_name_and_node ON placements (name, node);

CREATE INDEX placements_by_state ON placements (node, state, name);

CREATE INDEX placements_due ON placements (node, priority, due_at_ms) WHERE due_at_ms IS NOT NULL;

CREATE INDEX placements_reserving ON placements (node, reserved_bytes, reserved_inodes) WHERE reserved_bytes > 0;

CREATE INDEX placements_waiting ON placements (node, waits_for) WHERE waits_for IS NOT NULL;

CREATE INDEX replies_by_age ON replies (created_at_ms);

CREATE TABLE blobs ( node TEXT NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('absent', 'working', 'present', 'damaged', 'removing')), size_bytes INTEGER, holder_id INTEGER, holder_fence INTEGER, created_at_ms INTEGER NOT NULL, used_at_ms INTEGER NOT NULL DEFAULT 0, verified_at_ms INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (node, digest), CHECK ((state = 'working') = (holder_id IS NOT NULL)), CHECK ((holder_id IS NULL) = (holder_fence IS NULL)), CHECK (state <> 'present' OR size_bytes IS NOT NULL) ) STRICT, WITHOUT ROWID;

CREATE TABLE history ( seq INTEGER PRIMARY KEY AUTOINCREMENT, placement_id INTEGER NOT NULL, name TEXT NOT NULL, node TEXT NOT NULL, version INTEGER NOT NULL, fence INTEGER NOT NULL, from_state TEXT, to_state TEXT NOT NULL, move TEXT NOT NULL, attempt INTEGER NOT NULL, worker TEXT NOT NULL, op_id TEXT NOT NULL, started_at_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0), error_code TEXT, error_message TEXT, error_hint TEXT ) STRICT;

CREATE TABLE images ( id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL, checksum TEXT, created_at_ms INTEGER NOT NULL ) STRICT;

CREATE TABLE layers ( node TEXT NOT NULL, digest TEXT NOT NULL, form TEXT NOT NULL CHECK (form IN ('native', 'override')), state TEXT NOT NULL CHECK (state IN ('absent', 'working', 'staged', 'present', 'damaged', 'removing')), diff_id TEXT, size_bytes INTEGER, staged_name TEXT, staged_inode TEXT, holder_id INTEGER, holder_fence INTEGER, created_at_ms INTEGER NOT NULL, used_at_ms INTEGER NOT NULL DEFAULT 0, verified_at_ms INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (node, digest, form), CHECK (state NOT IN ('staged', 'present') OR (diff_id IS NOT NULL AND size_bytes IS NOT NULL)), CHECK (state <> 'staged' OR staged_name IS NOT NULL), CHECK (staged_name IS NULL OR state IN ('staged', 'removing')), CHECK ((staged_name IS NULL) = (staged_inode IS NULL)), CHECK ((state IN ('working', 'staged')) = (holder_id IS NOT NULL)), CHECK ((holder_id IS NULL) = (holder_fence IS NULL)) ) STRICT, WITHOUT ROWID;

CREATE TABLE moves ( move TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (move, from_state) ) STRICT, WITHOUT ROWID;

CREATE TABLE placement_layers ( placement_id INTEGER NOT NULL REFERENCES placements (id) ON DELETE CASCADE, position INTEGER NOT NULL, digest TEXT NOT NULL, expected_diff_id TEXT, PRIMARY KEY (placement_id, position) ) STRICT, WITHOUT ROWID;

CREATE TABLE placements ( id INTEGER PRIMARY KEY AUTOINCREMENT, image_id INTEGER NOT NULL REFERENCES images (id), node TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('NEW', 'DOWNLOADING', 'DOWNLOADED', 'UNPACKING', 'UNPACKED', 'STORED', 'ACTIVATING', 'ACTIVE', 'DEACTIVATING', 'REMOVING', 'FAILED', 'REMOVED')), target TEXT NOT NULL CHECK (target IN ('STORED', 'ACTIVE', 'REMOVED')), version INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0, move TEXT NOT NULL, op_id TEXT NOT NULL, target_op_id TEXT, worker TEXT NOT NULL, lease_owner TEXT, claimed_at_ms INTEGER, claimed_generation INTEGER, due_at_ms INTEGER, waits_for TEXT, priority INTEGER NOT NULL DEFAULT 1 CHECK (priority IN (0, 1, 2)), error_code TEXT, error_message TEXT, error_hint TEXT, error_op_id TEXT, done_bytes INTEGER, total_bytes INTEGER, most_bytes INTEGER NOT NULL DEFAULT 0, size_bytes INTEGER, mount_options TEXT NOT NULL, driver TEXT, boot_id TEXT, mount_ns TEXT, mount_id TEXT, device_id TEXT, is_fresh_wanted INTEGER NOT NULL DEFAULT 0 CHECK (is_fresh_wanted IN (0, 1)), is_force_wanted INTEGER NOT NULL DEFAULT 0 CHECK (is_force_wanted IN (0, 1)), created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, reserved_bytes INTEGER NOT NULL DEFAULT 0 CHECK (reserved_bytes >= 0), reserved_inodes INTEGER NOT NULL DEFAULT 0 CHECK (reserved_inodes >= 0), reserved_at_bytes INTEGER NOT NULL DEFAULT 0, is_repair_wanted INTEGER NOT NULL DEFAULT 0 CHECK (is_repair_wanted IN (0, 1)), state_since_ms INTEGER NOT NULL DEFAULT 0, UNIQUE (image_id, node), CHECK ((lease_owner IS NULL) = (claimed_at_ms IS NULL)), CHECK ((lease_owner IS NULL) = (claimed_generation IS NULL)), CHECK (lease_owner IS NULL OR (due_at_ms IS NOT NULL AND waits_for IS NULL)), CHECK (waits_for IS NULL OR due_at_ms IS NOT NULL), CHECK ((error_code IS NULL) = (error_message IS NULL)), CHECK ((boot_id IS NULL) = (mount_ns IS NULL) AND (boot_id IS NULL) = (mount_id IS NULL) AND (boot_id IS NULL) = (device_id IS NULL)) ) STRICT;

CREATE TABLE replies ( node TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, op_id TEXT NOT NULL, status INTEGER, headers TEXT, body TEXT, created_at_ms INTEGER NOT NULL, PRIMARY KEY (node, key), CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)) ) STRICT, WITHOUT ROWID;

CREATE TABLE scrubs ( node TEXT PRIMARY KEY, due_at_ms INTEGER NOT NULL ) STRICT, WITHOUT ROWID;

CREATE TABLE sqlite_sequence(name,seq);

CREATE TRIGGER placements_attempt_lost BEFORE UPDATE OF fence ON placements WHEN NEW.fence <> OLD.fence AND OLD.lease_owner IS NOT NULL AND (NEW.lease_owner IS NOT NULL OR NEW.version <> OLD.version) BEGIN INSERT INTO history (placement_id, name, node, version, fence, from_state, to_state, move, attempt, worker, op_id, started_at_ms, duration_ms, error_code, error_message) SELECT OLD.id, OLD.name, OLD.node, OLD.version, OLD.fence, OLD.state, OLD.state, OLD.move, OLD.attempt, OLD.lease_owner, NEW.op_id, OLD.claimed_at_ms, max(0, now_ms - OLD.claimed_at_ms), CASE WHEN OLD.due_at_ms > now_ms THEN 'CANCELLED' ELSE 'LEASE_EXPIRED' END, CASE WHEN OLD.due_at_ms > now_ms THEN NEW.move || ' overruled it' ELSE 'the worker stopped or was too slow before it was done' END FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now_ms); END;

CREATE TRIGGER placements_attempt_released AFTER UPDATE OF fence ON placements WHEN NEW.fence <> OLD.fence AND NEW.version = OLD.version AND OLD.lease_owner IS NOT NULL AND NEW.lease_owner IS NULL BEGIN INSERT INTO history (placement_id, name, node, version, fence, from_state, to_state, move, attempt, worker, op_id, started_at_ms, duration_ms, error_code, error_message, error_hint) SELECT OLD.id, OLD.name, OLD.node, OLD.version, OLD.fence, OLD.state, OLD.state, OLD.move, OLD.attempt, OLD.lease_owner, NEW.op_id, OLD.claimed_at_ms, max(0, now_ms - OLD.claimed_at_ms), CASE WHEN brings_error THEN NEW.error_code END, CASE WHEN brings_error THEN NEW.error_message END, CASE WHEN brings_error THEN NEW.error_hint END FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now_ms, NEW.error_op_id IS NEW.op_id AS brings_error); END;

CREATE TRIGGER placements_guard_counters BEFORE UPDATE OF fence, generation ON placements WHEN NEW.fence < OLD.fence OR NEW.generation < OLD.generation BEGIN SELECT RAISE(ABORT, 'COUNTER_WENT_BACK'); END;

CREATE TRIGGER placements_guard_delete BEFORE DELETE ON placements WHEN OLD.state <> 'REMOVED' BEGIN SELECT RAISE(ABORT, 'ILLEGAL_MOVE'); END;

CREATE TRIGGER placements_guard_identity BEFORE UPDATE OF id, image_id, node, name, lease_owner ON placements WHEN NEW.id <> OLD.id OR NEW.image_id <> OLD.image_id OR NEW.node <> OLD.node OR NEW.name <> OLD.name OR (NEW.lease_owner IS NOT OLD.lease_owner AND NEW.fence = OLD.fence AND NEW.version = OLD.version) BEGIN SELECT RAISE(ABORT, 'UNFENCED_WRITE'); END;

CREATE TRIGGER placements_guard_insert BEFORE INSERT ON placements WHEN NEW.state <> 'NEW' OR NEW.version <> 0 BEGIN SELECT RAISE(ABORT, 'ILLEGAL_MOVE'); END;

CREATE TRIGGER placements_guard_state BEFORE UPDATE OF state, version ON placements WHEN NEW.state IS NOT OLD.state OR NEW.version IS NOT OLD.version BEGIN SELECT RAISE(ABORT, 'ILLEGAL_MOVE') WHERE NEW.version IS NOT OLD.version + 1 OR NOT EXISTS (SELECT 1 FROM moves WHERE move = NEW.move AND from_state = OLD.state AND to_state = NEW.state); END;

CREATE TRIGGER placements_moved AFTER UPDATE OF version ON placements WHEN NEW.version <> OLD.version BEGIN INSERT INTO history (placement_id, name, node, version, fence, from_state, to_state, move, attempt, worker, op_id, started_at_ms, duration_ms, error_code, error_message, error_hint) SELECT OLD.id, OLD.name, OLD.node, NEW.version, OLD.fence, OLD.state, NEW.state, NEW.move, CASE WHEN is_settled THEN OLD.attempt ELSE 0 END, NEW.worker, NEW.op_id, CASE WHEN is_settled THEN OLD.claimed_at_ms ELSE now_ms END, CASE WHEN is_settled THEN max(0, now_ms - OLD.claimed_at_ms) ELSE 0 END, NEW.error_code, NEW.error_message, NEW.error_hint FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now_ms, OLD.lease_owner IS NOT NULL AND NEW.fence = OLD.fence AS is_settled); END;

CREATE TRIGGER placements_registered AFTER INSERT ON placements BEGIN INSERT INTO history (placement_id, name, node, version, fence, from_state, to_state, move, attempt, worker, op_id, started_at_ms, duration_ms) VALUES (NEW.id, NEW.name, NEW.node, 0, NEW.fence, NULL, 'NEW', 'register', 0, NEW.worker, NEW.op_id, NEW.created_at_ms, 0); END;
