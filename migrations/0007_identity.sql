-- People, the organizations they belong to, their sessions, and the record of
-- what was done. Times are unix milliseconds, truths are 1 or 0.

-- email is in small letters, as it is compared. Without a password_hash the
-- account has no password: its holder signs in with a passkey or elsewhere.
CREATE TABLE users (
    id             TEXT   NOT NULL PRIMARY KEY,
    email          TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    password_hash  TEXT,
    email_verified BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_oldest_first ON users (created_at, id);

-- An organization that the release before made has no name of its own: it goes
-- by its domain. created_by is absent for the one that the server made. A
-- deleted organization stays on record, under a domain that nobody can ask for.
ALTER TABLE orgs ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE orgs ADD COLUMN personal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orgs ADD COLUMN created_by TEXT;
ALTER TABLE orgs ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orgs ADD COLUMN suspended_at BIGINT;
ALTER TABLE orgs ADD COLUMN suspended_until BIGINT;
ALTER TABLE orgs ADD COLUMN suspension_reason TEXT;
ALTER TABLE orgs ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE orgs ADD COLUMN sealed_settings TEXT;
ALTER TABLE orgs ADD COLUMN deleted_at BIGINT;

-- An owner holds everything; a member what the roles give that are assigned.
CREATE TABLE org_members (
    org_id     TEXT   NOT NULL REFERENCES orgs (id),
    user_id    TEXT   NOT NULL REFERENCES users (id),
    role       TEXT   NOT NULL,
    role_ids   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);

CREATE INDEX org_members_of_user ON org_members (user_id, created_at, org_id);

-- The roles that an organization made. The built-in ones are in the program.
CREATE TABLE roles (
    id          TEXT   NOT NULL PRIMARY KEY,
    org_id      TEXT   NOT NULL REFERENCES orgs (id),
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    permissions TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX roles_name ON roles (org_id, name);

-- token_hash finds an invitation by the link that its sender passes on.
CREATE TABLE invitations (
    id         TEXT   NOT NULL PRIMARY KEY,
    org_id     TEXT   NOT NULL REFERENCES orgs (id),
    email      TEXT   NOT NULL,
    invited_by TEXT,
    role       TEXT   NOT NULL,
    role_ids   TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    token_hash TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE UNIQUE INDEX invitations_pending ON invitations (org_id, email) WHERE status = 'pending';
CREATE INDEX invitations_of_org ON invitations (org_id, created_at, id);
CREATE INDEX invitations_of_email ON invitations (email, created_at, id);

-- A browser that somebody signed in with. Rows go when a session ends.
CREATE TABLE sessions (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id),
    token_hash   TEXT   NOT NULL,
    method       TEXT   NOT NULL,
    ip           TEXT   NOT NULL,
    user_agent   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_of_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_idle ON sessions (last_seen_at);

-- id is the credential's own, in base64url. credential is the verifier's JSON.
CREATE TABLE passkeys (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id),
    name         TEXT   NOT NULL,
    credential   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE INDEX passkeys_of_user ON passkeys (user_id, created_at, id);

-- Whose key it is, besides its organization's; absent for one made at the
-- machine. Names are unique for each of them.
ALTER TABLE api_keys ADD COLUMN user_id TEXT;
ALTER TABLE api_keys ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';

DROP INDEX api_keys_name;
CREATE UNIQUE INDEX api_keys_name_of ON api_keys (org_id, (COALESCE(user_id, '')), name)
    WHERE revoked_at IS NULL;

-- The organizations that a key was granted beyond its own.
CREATE TABLE api_key_orgs (
    api_key_id TEXT NOT NULL REFERENCES api_keys (id),
    org_id     TEXT NOT NULL REFERENCES orgs (id),
    PRIMARY KEY (api_key_id, org_id)
);

-- What was done: an entry before an action and one with its outcome after it,
-- both under the action's id. Rows are never changed. chain is an
-- organization's id, or '' for what belongs to none; each entry's mac is over
-- the one before it in its chain, with a key that is not in the database.
CREATE TABLE audit_log (
    chain          TEXT   NOT NULL,
    seq            BIGINT NOT NULL,
    id             TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    at             BIGINT NOT NULL,
    actor_id       TEXT   NOT NULL,
    actor_email    TEXT   NOT NULL,
    key_prefix     TEXT,
    key_suffix     TEXT,
    action         TEXT   NOT NULL,
    target_type    TEXT   NOT NULL,
    target_id      TEXT   NOT NULL,
    status         BIGINT,
    error          TEXT,
    ip             TEXT   NOT NULL,
    user_agent     TEXT   NOT NULL,
    source         TEXT   NOT NULL,
    metadata       TEXT   NOT NULL,
    mac            TEXT   NOT NULL,
    PRIMARY KEY (chain, seq)
);

CREATE INDEX audit_log_of_action ON audit_log (chain, id, kind, seq);
CREATE INDEX audit_log_by_time ON audit_log (chain, kind, at, seq);
CREATE INDEX audit_log_age ON audit_log (at);

-- The newest entry of a chain, and the last one that retention took: what
-- follows is checked against its mac.
CREATE TABLE audit_chains (
    chain       TEXT   NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    mac         TEXT   NOT NULL,
    removed_seq BIGINT NOT NULL,
    removed_mac TEXT   NOT NULL
);
