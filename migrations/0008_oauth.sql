-- OAuth 2.0 and OpenID Connect: who may ask, what people agreed to, what is
-- out there because of it, and the keys that sign. Of codes, tokens and client
-- secrets there are only labelled hashes.

-- Clients made at the machine. Without a secret_hash a client is public. The
-- built-in ones, and those of the configuration, are not here.
CREATE TABLE oauth_clients (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    secret_hash   TEXT,
    redirect_uris TEXT   NOT NULL,
    alg           TEXT   NOT NULL,
    is_own        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE INDEX oauth_clients_oldest_first ON oauth_clients (created_at, id);

-- What a person let a client know, so that they are not asked again.
CREATE TABLE oauth_consents (
    user_id   TEXT   NOT NULL REFERENCES users (id),
    client_id TEXT   NOT NULL,
    scopes    TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);

-- One sign-in of one person at one client, and everything handed out for it:
-- revoked together. After ends_at nothing of it can be good any more.
CREATE TABLE oauth_grants (
    id           TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id),
    client_id    TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    nonce        TEXT,
    signed_in_at BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    revoked_at   BIGINT
);

CREATE INDEX oauth_grants_of_user ON oauth_grants (user_id, created_at, id);
CREATE INDEX oauth_grants_end ON oauth_grants (ends_at);

CREATE TABLE oauth_codes (
    hash         TEXT   NOT NULL PRIMARY KEY,
    grant_id     TEXT   NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    redirect_uri TEXT   NOT NULL,
    challenge    TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);

CREATE INDEX oauth_codes_of_grant ON oauth_codes (grant_id);

-- A used one stays until its grant ends: its second use gives a thief away.
CREATE TABLE oauth_refresh_tokens (
    hash       TEXT   NOT NULL PRIMARY KEY,
    grant_id   TEXT   NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE INDEX oauth_refresh_tokens_of_grant ON oauth_refresh_tokens (grant_id);

-- state is pending, allowed, denied or spent; grant_id is there once allowed.
CREATE TABLE oauth_device_codes (
    hash           TEXT   NOT NULL PRIMARY KEY,
    user_code_hash TEXT   NOT NULL,
    client_id      TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    grant_id       TEXT   REFERENCES oauth_grants (id) ON DELETE CASCADE,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    polled_at      BIGINT,
    interval_ms    BIGINT NOT NULL
);

CREATE UNIQUE INDEX oauth_device_codes_user_code ON oauth_device_codes (user_code_hash);
CREATE INDEX oauth_device_codes_end ON oauth_device_codes (expires_at);
CREATE INDEX oauth_device_codes_of_grant ON oauth_device_codes (grant_id);

-- For each algorithm one key that signs (current_from without retired_at), one
-- that will (neither), and those that only check (retired_at).
CREATE TABLE oauth_signing_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    alg          TEXT   NOT NULL,
    public_key   TEXT   NOT NULL,
    sealed_key   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    current_from BIGINT,
    retired_at   BIGINT
);

CREATE UNIQUE INDEX oauth_signing_keys_current ON oauth_signing_keys (alg)
    WHERE current_from IS NOT NULL AND retired_at IS NULL;
CREATE UNIQUE INDEX oauth_signing_keys_next ON oauth_signing_keys (alg)
    WHERE current_from IS NULL;

-- Who somebody is at another provider.
CREATE TABLE federated_identities (
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX federated_identities_of_user ON federated_identities (user_id, created_at);
