-- Organizations, rooms and API keys. One text for SQLite and PostgreSQL:
-- ids and JSON are TEXT, times are BIGINT unix milliseconds.

CREATE TABLE orgs (
    id            TEXT   NOT NULL PRIMARY KEY,
    domain        TEXT   NOT NULL,
    properties    TEXT   NOT NULL,
    sealed_secret TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE UNIQUE INDEX orgs_domain ON orgs (domain);

-- A name belongs to one record at a time. An expired record gives its name up
-- when the next room of that name is made: "expired" depends on the time of
-- asking, which no index can know.
CREATE TABLE rooms (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL REFERENCES orgs (id),
    name       TEXT   NOT NULL,
    privacy    TEXT   NOT NULL,
    properties TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE UNIQUE INDEX rooms_name ON rooms (org_id, name);
CREATE INDEX rooms_newest_first ON rooms (org_id, created_at, id);
CREATE INDEX rooms_expiry ON rooms (org_id, expires_at);

-- A revoked key stays on record, without its secret.
CREATE TABLE api_keys (
    id             TEXT   NOT NULL PRIMARY KEY,
    org_id         TEXT   NOT NULL REFERENCES orgs (id),
    name           TEXT   NOT NULL,
    lookup_hash    TEXT   NOT NULL,
    sealed_secret  TEXT   NOT NULL,
    display_prefix TEXT   NOT NULL,
    display_suffix TEXT   NOT NULL,
    permissions    TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    last_used_at   BIGINT,
    expires_at     BIGINT,
    revoked_at     BIGINT
);

CREATE UNIQUE INDEX api_keys_name ON api_keys (org_id, name) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX api_keys_value ON api_keys (lookup_hash) WHERE revoked_at IS NULL;

-- Facts about the database itself, such as which master key sealed its secrets.
CREATE TABLE facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
