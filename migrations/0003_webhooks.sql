-- Webhooks, and the outbox that feeds them. An event and its deliveries are
-- written in the transaction of the fact they tell; each attempt is recorded
-- afterwards.

-- A row whose retry_type is 'once' is nobody's webhook: it stands for a
-- `meeting_join_hook` address, so that its posts take the same way.
CREATE TABLE webhooks (
    id                TEXT   NOT NULL PRIMARY KEY,
    org_id            TEXT   NOT NULL REFERENCES orgs (id),
    url               TEXT   NOT NULL,
    sealed_hmac       TEXT   NOT NULL,
    sealed_basic_auth TEXT,
    retry_type        TEXT   NOT NULL,
    event_types       TEXT   NOT NULL,
    state             TEXT   NOT NULL,
    failed_count      BIGINT NOT NULL,
    -- Counts the changes of a webhook: the outcome of an attempt that began
    -- before a change says nothing about the webhook after it.
    generation        BIGINT NOT NULL,
    pushed_at         BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);

CREATE INDEX webhooks_of_org ON webhooks (org_id, created_at, id);
CREATE UNIQUE INDEX webhooks_once ON webhooks (org_id, url) WHERE retry_type = 'once';

-- The ids of those who are about to join with a `meeting_join_hook`.
CREATE TABLE webhook_joins (
    participant_id TEXT   NOT NULL PRIMARY KEY,
    webhook_id     TEXT   NOT NULL,
    created_at     BIGINT NOT NULL
);

CREATE INDEX webhook_joins_age ON webhook_joins (created_at);

CREATE TABLE webhook_events (
    id     TEXT   NOT NULL PRIMARY KEY,
    org_id TEXT   NOT NULL,
    type   TEXT   NOT NULL,
    body   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    seq    BIGINT NOT NULL
);

CREATE INDEX webhook_events_seq ON webhook_events (seq);
CREATE INDEX webhook_events_age ON webhook_events (at);

-- next_attempt_at is 0 for "at once", whatever the clock says.
CREATE TABLE webhook_deliveries (
    id              TEXT   NOT NULL PRIMARY KEY,
    webhook_id      TEXT   NOT NULL,
    event_id        TEXT   NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
    at              BIGINT NOT NULL,
    seq             BIGINT NOT NULL,
    state           TEXT   NOT NULL,
    attempts        BIGINT NOT NULL,
    tries           BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL
);

CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, seq, id);
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, next_attempt_at, seq)
    WHERE state = 'pending';
CREATE INDEX webhook_deliveries_fresh ON webhook_deliveries (seq, webhook_id)
    WHERE state = 'pending' AND next_attempt_at = 0;
CREATE INDEX webhook_deliveries_retry ON webhook_deliveries (next_attempt_at)
    WHERE state = 'pending' AND next_attempt_at > 0;

CREATE TABLE webhook_attempts (
    delivery_id     TEXT   NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    latency_ms      BIGINT NOT NULL,
    url             TEXT   NOT NULL,
    request_headers TEXT   NOT NULL,
    status          BIGINT,
    response        TEXT,
    error           TEXT,
    PRIMARY KEY (delivery_id, number)
);
