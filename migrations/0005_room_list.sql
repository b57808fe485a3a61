-- Lists of rooms that cost the same however many rooms there are.

-- Whether a room counts and shows in its organization's list. A room leaves
-- the list some moments after it has expired; until then the readers subtract
-- it. 1 or 0.
ALTER TABLE rooms ADD COLUMN is_listed BIGINT NOT NULL DEFAULT 1;

-- How many rooms of an organization are listed: the sum over its shards. A
-- change adds to one shard, whichever, so that two changes at the same time
-- seldom wait for each other; a single shard may well be negative.
CREATE TABLE room_counts (
    org_id TEXT   NOT NULL,
    shard  BIGINT NOT NULL,
    listed BIGINT NOT NULL,
    PRIMARY KEY (org_id, shard)
);

INSERT INTO room_counts (org_id, shard, listed)
    SELECT org_id, 0, COUNT(*) FROM rooms GROUP BY org_id;

CREATE INDEX rooms_listed ON rooms (org_id, created_at, id) WHERE is_listed = 1;
CREATE INDEX rooms_to_unlist ON rooms (org_id, expires_at)
    WHERE is_listed = 1 AND expires_at IS NOT NULL;
CREATE INDEX rooms_unlisted ON rooms (expires_at, id) WHERE is_listed = 0;

DROP INDEX rooms_newest_first;
DROP INDEX rooms_expiry;
