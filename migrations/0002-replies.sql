-- What was answered to requests with an Idempotency-Key, so that a repeat after a lost reply is answered the same.
CREATE TABLE replies (
  node TEXT NOT NULL,
  key TEXT NOT NULL,
  request TEXT NOT NULL, -- digest of method, path and body: the key is of this request only
  op_id TEXT NOT NULL, -- who answers it
  status INTEGER, -- NULL while it is being answered
  headers TEXT, -- JSON object
  body TEXT,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (node, key),
  CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX replies_by_age ON replies (created_at_ms);
