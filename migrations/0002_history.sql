-- What happened in calls: meetings, and who stayed in them from when to when.
-- Room names are kept here, since a room's record may be gone long before its
-- history is.

-- A row is open (ended_at IS NULL) while the meeting runs. last_seq is the
-- number of the last fact that was written down, so that one that comes twice
-- is noticed.
CREATE TABLE meetings (
    id               TEXT   NOT NULL PRIMARY KEY,
    org_id           TEXT   NOT NULL REFERENCES orgs (id),
    room_id          TEXT   NOT NULL,
    room_name        TEXT   NOT NULL,
    started_at       BIGINT NOT NULL,
    ended_at         BIGINT,
    present          BIGINT NOT NULL,
    max_participants BIGINT NOT NULL,
    last_seq         BIGINT NOT NULL
);

CREATE INDEX meetings_newest_first ON meetings (org_id, started_at, id);
CREATE INDEX meetings_of_room ON meetings (org_id, room_name, started_at, id);
CREATE INDEX meetings_open ON meetings (org_id, started_at, id) WHERE ended_at IS NULL;
CREATE INDEX meetings_open_by_id ON meetings (id) WHERE ended_at IS NULL;
CREATE INDEX meetings_ended ON meetings (ended_at, id) WHERE ended_at IS NOT NULL;

-- How many meetings began on each day (counted from 1970), of each room and
-- (room_name = '') of the whole organization: a list says how many there are
-- without counting them.
CREATE TABLE meeting_counts (
    org_id    TEXT   NOT NULL,
    room_name TEXT   NOT NULL,
    day       BIGINT NOT NULL,
    meetings  BIGINT NOT NULL,
    PRIMARY KEY (org_id, room_name, day)
);

-- One row for each stay. A participant who was hidden for a while has several.
CREATE TABLE stays (
    id          TEXT   NOT NULL,
    joined_at   BIGINT NOT NULL,
    org_id      TEXT   NOT NULL,
    meeting_id  TEXT   NOT NULL REFERENCES meetings (id),
    user_id     TEXT,
    user_name   TEXT   NOT NULL,
    is_owner    BIGINT NOT NULL,
    permissions TEXT   NOT NULL,
    eject_at    BIGINT,
    left_at     BIGINT,
    PRIMARY KEY (id, joined_at)
);

CREATE INDEX stays_of_meeting ON stays (meeting_id, joined_at, id);
CREATE INDEX stays_open ON stays (meeting_id) WHERE left_at IS NULL;
