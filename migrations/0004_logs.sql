-- What clients report of their calls, and which requests were made.

-- Lines and measurements lie in one table: they are reported, asked for and
-- forgotten together. kind is 'log' or 'metrics'; the body of measurements is
-- JSON. report_id and number name an entry for good.
CREATE TABLE call_log (
    report_id   TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    org_id      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    session_id  TEXT   NOT NULL,
    meeting_id  TEXT,
    peer_id     TEXT,
    received_at BIGINT NOT NULL,
    client_at   BIGINT NOT NULL,
    level       BIGINT NOT NULL,
    code        BIGINT,
    body        TEXT   NOT NULL,
    PRIMARY KEY (report_id, number)
);

CREATE INDEX call_log_session
    ON call_log (org_id, session_id, kind, received_at, client_at, report_id, number);
CREATE INDEX call_log_meeting
    ON call_log (org_id, meeting_id, kind, received_at, client_at, report_id, number);
CREATE INDEX call_log_age ON call_log (received_at);

-- seq is the order in which the server wrote them, and stands in the last digits
-- of id: so an id is found without an index of its own, which would be written
-- at a random place for every request. path is the url without its query.
CREATE TABLE api_log (
    seq        BIGINT NOT NULL PRIMARY KEY,
    id         TEXT   NOT NULL,
    org_id     TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    ip         TEXT   NOT NULL,
    method     TEXT   NOT NULL,
    url        TEXT   NOT NULL,
    path       TEXT   NOT NULL,
    status     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    request    TEXT,
    response   TEXT
);

CREATE INDEX api_log_newest_first ON api_log (org_id, source, seq);
CREATE INDEX api_log_path ON api_log (org_id, source, path, seq);
