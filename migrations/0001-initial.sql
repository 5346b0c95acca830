-- The rows of the store. Times are the database's, in milliseconds since 1970: now_ms is written out everywhere as
-- CAST(unixepoch('subsec') * 1000 AS INTEGER), because SQLite has no user-defined constants.

-- The lifecycle's edges, a copy of MOVES in core/lifecycle/image.ts; a test holds them equal.
CREATE TABLE moves (
  move TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  PRIMARY KEY (move, from_state)
) STRICT, WITHOUT ROWID;

INSERT INTO moves (move, from_state, to_state) VALUES
  ('begin-download', 'NEW', 'DOWNLOADING'),
  ('finish-download', 'DOWNLOADING', 'DOWNLOADED'),
  ('begin-unpack', 'DOWNLOADED', 'UNPACKING'),
  ('finish-unpack', 'UNPACKING', 'UNPACKED'),
  ('store', 'UNPACKED', 'STORED'),
  ('begin-activate', 'STORED', 'ACTIVATING'),
  ('finish-activate', 'ACTIVATING', 'ACTIVE'),
  ('begin-deactivate', 'ACTIVE', 'DEACTIVATING'),
  ('begin-deactivate', 'ACTIVATING', 'DEACTIVATING'),
  ('finish-deactivate', 'DEACTIVATING', 'STORED'),
  ('keep-active', 'DEACTIVATING', 'ACTIVE'),
  ('begin-remove', 'NEW', 'REMOVING'),
  ('begin-remove', 'DOWNLOADING', 'REMOVING'),
  ('begin-remove', 'DOWNLOADED', 'REMOVING'),
  ('begin-remove', 'UNPACKING', 'REMOVING'),
  ('begin-remove', 'UNPACKED', 'REMOVING'),
  ('begin-remove', 'STORED', 'REMOVING'),
  ('begin-remove', 'FAILED', 'REMOVING'),
  ('finish-remove', 'REMOVING', 'REMOVED'),
  ('give-up', 'DOWNLOADING', 'FAILED'),
  ('give-up', 'UNPACKING', 'FAILED'),
  ('give-up', 'UNPACKED', 'FAILED'),
  ('give-up', 'ACTIVATING', 'FAILED'),
  ('retry', 'FAILED', 'NEW'),
  ('remount', 'ACTIVE', 'ACTIVATING'),
  ('refetch', 'STORED', 'NEW');

-- What a name means, on every node.
CREATE TABLE images (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  checksum TEXT,
  created_at_ms INTEGER NOT NULL
) STRICT;

-- An image on a node: the row that moves.
CREATE TABLE placements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  image_id INTEGER NOT NULL REFERENCES images (id),
  node TEXT NOT NULL,
  name TEXT NOT NULL, -- the image's, for history and order
  state TEXT NOT NULL CHECK (state IN ('NEW', 'DOWNLOADING', 'DOWNLOADED', 'UNPACKING', 'UNPACKED', 'STORED',
    'ACTIVATING', 'ACTIVE', 'DEACTIVATING', 'REMOVING', 'FAILED', 'REMOVED')),
  target TEXT NOT NULL CHECK (target IN ('STORED', 'ACTIVE', 'REMOVED')),
  version INTEGER NOT NULL DEFAULT 0, -- changes of the state
  generation INTEGER NOT NULL DEFAULT 0, -- changes of the target
  fence INTEGER NOT NULL DEFAULT 0, -- claims, releases and overrulings
  attempt INTEGER NOT NULL DEFAULT 0,
  move TEXT NOT NULL, -- the last or present one
  op_id TEXT NOT NULL, -- of the last write
  worker TEXT NOT NULL, -- who made the last write of state, fence or claim
  lease_owner TEXT,
  claimed_at_ms INTEGER,
  due_at_ms INTEGER, -- when it wants attention: next attempt if free, end of the lease if held, NULL at rest
  waits_for TEXT, -- key of a blob or layer that another claim makes
  priority INTEGER NOT NULL DEFAULT 0, -- lower is sooner
  error_code TEXT,
  error_message TEXT,
  error_hint TEXT,
  done_bytes INTEGER,
  total_bytes INTEGER,
  size_bytes INTEGER,
  mount_options TEXT NOT NULL DEFAULT 'nodev,nosuid',
  driver TEXT,
  boot_id TEXT,
  mount_ns TEXT,
  mount_id TEXT,
  device_id TEXT,
  is_fresh_wanted INTEGER NOT NULL DEFAULT 0,
  is_force_wanted INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  UNIQUE (image_id, node),
  CHECK ((lease_owner IS NULL) = (claimed_at_ms IS NULL)),
  CHECK (lease_owner IS NULL OR due_at_ms IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX placements_by_name ON placements (node, name);
CREATE INDEX placements_due ON placements (node, priority, due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX placements_waiting ON placements (node, waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX placements_mounted ON placements (node, state) WHERE state IN ('ACTIVE', 'ACTIVATING', 'DEACTIVATING');

-- Stored bytes on a node. `working` belongs to a claim: (holder_id, holder_fence); it is free when that claim is over.
CREATE TABLE blobs (
  node TEXT NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('absent', 'working', 'present', 'damaged', 'removing')),
  size_bytes INTEGER,
  holder_id INTEGER,
  holder_fence INTEGER,
  created_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER NOT NULL,
  PRIMARY KEY (node, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_working ON blobs (node, holder_id) WHERE state = 'working';

-- Unpacked trees on a node, by the digest of the stored bytes and by how they keep owners and devices.
CREATE TABLE layers (
  node TEXT NOT NULL,
  digest TEXT NOT NULL,
  form TEXT NOT NULL CHECK (form IN ('native', 'override')),
  state TEXT NOT NULL CHECK (state IN ('absent', 'working', 'staged', 'present', 'damaged', 'removing')),
  diff_id TEXT,
  size_bytes INTEGER,
  staged_name TEXT, -- directory under tmp/
  staged_inode TEXT,
  holder_id INTEGER,
  holder_fence INTEGER,
  created_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER NOT NULL,
  PRIMARY KEY (node, digest, form),
  CHECK (state NOT IN ('staged', 'present') OR diff_id IS NOT NULL),
  CHECK ((state = 'staged') = (staged_name IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX layers_working ON layers (node, holder_id) WHERE state = 'working';
CREATE INDEX layers_by_diff_id ON layers (node, diff_id);

-- Which layers an image has on a node, bottom first. A row here is the reference that keeps a layer (and its blob).
CREATE TABLE placement_layers (
  placement_id INTEGER NOT NULL REFERENCES placements (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (placement_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX placement_layers_by_digest ON placement_layers (digest);

-- Every transition and every attempt; rows outlive the placement.
CREATE TABLE history (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  placement_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  node TEXT NOT NULL,
  version INTEGER NOT NULL, -- the placement's after it; an attempt that made no move leaves it
  from_state TEXT,
  to_state TEXT NOT NULL,
  move TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  worker TEXT NOT NULL,
  op_id TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  error_code TEXT,
  error_message TEXT,
  error_hint TEXT
) STRICT;

CREATE INDEX history_by_name ON history (name, node, seq);
CREATE UNIQUE INDEX history_of_transition ON history (placement_id, version) WHERE from_state IS NOT to_state;
CREATE INDEX history_by_op ON history (placement_id, op_id);

-- No move that is not in the table, whoever asks; the version counts exactly the changes of the state.
CREATE TRIGGER placements_guard_state
BEFORE UPDATE OF state, version ON placements
WHEN NEW.state IS NOT OLD.state OR NEW.version IS NOT OLD.version
BEGIN
  SELECT RAISE(ABORT, 'ILLEGAL_MOVE')
  WHERE NEW.version IS NOT OLD.version + 1
    OR NOT EXISTS (SELECT 1 FROM moves
      WHERE move = NEW.move AND from_state = OLD.state AND to_state = NEW.state);
END;

CREATE TRIGGER placements_guard_counters
BEFORE UPDATE OF fence, generation ON placements
WHEN NEW.fence < OLD.fence OR NEW.generation < OLD.generation
BEGIN
  SELECT RAISE(ABORT, 'COUNTER_WENT_BACK');
END;

CREATE TRIGGER placements_guard_insert
BEFORE INSERT ON placements
WHEN NEW.state <> 'NEW' OR NEW.version <> 0
BEGIN
  SELECT RAISE(ABORT, 'ILLEGAL_MOVE');
END;

CREATE TRIGGER placements_guard_delete
BEFORE DELETE ON placements
WHEN OLD.state <> 'REMOVED'
BEGIN
  SELECT RAISE(ABORT, 'ILLEGAL_MOVE');
END;

CREATE TRIGGER placements_registered
AFTER INSERT ON placements
BEGIN
  INSERT INTO history (placement_id, name, node, version, from_state, to_state, move, attempt, worker, op_id,
    started_at_ms, duration_ms)
  VALUES (NEW.id, NEW.name, NEW.node, 0, NULL, 'NEW', 'register', 0, NEW.worker, NEW.op_id, NEW.created_at_ms, 0);
END;

-- An attempt that nobody ended: its lease ran out and the next claim came (LEASE_EXPIRED), or a move overruled it
-- (CANCELLED). Written in the dead or overruled worker's name.
CREATE TRIGGER placements_attempt_lost
BEFORE UPDATE OF fence ON placements
WHEN NEW.fence <> OLD.fence AND OLD.lease_owner IS NOT NULL
  AND (NEW.lease_owner IS NOT NULL OR NEW.version <> OLD.version)
BEGIN
  INSERT INTO history (placement_id, name, node, version, from_state, to_state, move, attempt, worker, op_id,
    started_at_ms, duration_ms, error_code, error_message)
  VALUES (OLD.id, OLD.name, OLD.node, OLD.version, OLD.state, OLD.state, OLD.move, OLD.attempt, OLD.lease_owner,
    OLD.op_id, OLD.claimed_at_ms,
    max(0, CAST(unixepoch('subsec') * 1000 AS INTEGER) - OLD.claimed_at_ms),
    CASE WHEN NEW.version = OLD.version THEN 'LEASE_EXPIRED' ELSE 'CANCELLED' END,
    CASE WHEN NEW.version = OLD.version THEN 'the worker ended or stopped before it was done'
      ELSE NEW.move || ' overruled it' END);
END;

-- An attempt that ended without a move.
CREATE TRIGGER placements_attempt_released
AFTER UPDATE OF fence ON placements
WHEN NEW.fence <> OLD.fence AND NEW.version = OLD.version
  AND OLD.lease_owner IS NOT NULL AND NEW.lease_owner IS NULL
BEGIN
  INSERT INTO history (placement_id, name, node, version, from_state, to_state, move, attempt, worker, op_id,
    started_at_ms, duration_ms, error_code, error_message, error_hint)
  VALUES (OLD.id, OLD.name, OLD.node, OLD.version, OLD.state, OLD.state, OLD.move, OLD.attempt, OLD.lease_owner,
    NEW.op_id, OLD.claimed_at_ms,
    max(0, CAST(unixepoch('subsec') * 1000 AS INTEGER) - OLD.claimed_at_ms),
    NEW.error_code, NEW.error_message, NEW.error_hint);
END;

-- A transition.
CREATE TRIGGER placements_moved
AFTER UPDATE OF version ON placements
WHEN NEW.version <> OLD.version
BEGIN
  INSERT INTO history (placement_id, name, node, version, from_state, to_state, move, attempt, worker, op_id,
    started_at_ms, duration_ms, error_code, error_message, error_hint)
  VALUES (OLD.id, OLD.name, OLD.node, NEW.version, OLD.state, NEW.state, NEW.move, OLD.attempt, NEW.worker, NEW.op_id,
    CASE WHEN NEW.fence = OLD.fence AND OLD.claimed_at_ms IS NOT NULL THEN OLD.claimed_at_ms
      ELSE CAST(unixepoch('subsec') * 1000 AS INTEGER) END,
    CASE WHEN NEW.fence = OLD.fence AND OLD.claimed_at_ms IS NOT NULL
      THEN max(0, CAST(unixepoch('subsec') * 1000 AS INTEGER) - OLD.claimed_at_ms) ELSE 0 END,
    NEW.error_code, NEW.error_message, NEW.error_hint);
END;
