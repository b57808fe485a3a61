-- The number of the newest event. It is never counted from the events that are
-- there: they are purged, and whoever reads what is newer than the last number
-- they saw would miss those that got a lower one. Its one row always stays.
CREATE TABLE webhook_seq (
    newest BIGINT NOT NULL
);

INSERT INTO webhook_seq (newest) SELECT COALESCE(MAX(seq), 0) FROM webhook_events;

-- Counts how often a delivery was queued again: the outcome of an attempt that
-- began before says nothing about whether it is to be sent after.
ALTER TABLE webhook_deliveries ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

-- An organization's own webhooks, however many addresses of join hooks it has.
CREATE INDEX webhooks_own ON webhooks (org_id, created_at, id) WHERE retry_type <> 'once';
CREATE INDEX webhooks_once_age ON webhooks (created_at) WHERE retry_type = 'once';
CREATE INDEX webhook_joins_of ON webhook_joins (webhook_id);
