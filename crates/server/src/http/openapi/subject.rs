//! What operations are about: the tags of the document, in reading order.

use serde_json::{Value, json};

/// A subject: its tag and what belongs to it.
struct Subject {
    tag: &'static str,
    description: &'static str,
}

const fn subject(tag: &'static str, description: &'static str) -> Subject {
    Subject { tag, description }
}

const ROOMS: Subject = subject("rooms", "Rooms: create, read, change, delete and list them.");
const MEETING_TOKENS: Subject =
    subject("meeting-tokens", "Tokens: who joins, as whom, and with which rights.");
const LIVE: Subject = subject("live", "Running calls: who is there, and what is done to them.");
const MEETINGS: Subject = subject("meetings", "History: which meetings there were, and who came.");
const RECORDING: Subject = subject("recording", "Recordings and live streams.");
const TRANSCRIPTION: Subject =
    subject("transcription", "Transcripts, and the batch jobs that make them afterwards.");
const TELEPHONY: Subject = subject("telephony", "Phone numbers, dial-in and dial-out.");
const WEBHOOKS: Subject = subject("webhooks", "Events for your server, and their deliveries.");
const LOGS: Subject = subject("logs", "What call clients reported, and which requests were made.");
const DOMAIN: Subject = subject("domain", "The organization's own settings.");

const ALL: [Subject; 10] = [
    ROOMS,
    MEETING_TOKENS,
    LIVE,
    MEETINGS,
    RECORDING,
    TRANSCRIPTION,
    TELEPHONY,
    WEBHOOKS,
    LOGS,
    DOMAIN,
];

/// `tags` of the document.
pub(super) fn tags() -> Value {
    let tag = |subject: &Subject| json!({"name": subject.tag, "description": subject.description});
    ALL.iter().map(tag).collect()
}

/// The tag of the operations at `path`.
pub(super) fn tag_of(path: &str) -> &'static str {
    let path = path.strip_prefix("/parlor").unwrap_or(path);
    let mut segments = path.split('/').skip(1);
    let (first, action) = (segments.next().unwrap_or_default(), segments.nth(1));
    let subject = match (first, action) {
        ("rooms", None) | ("batch", _) => ROOMS,
        ("rooms", Some("recordings" | "live-streaming")) | ("recordings", _) => RECORDING,
        ("rooms", Some("transcription")) | ("transcript" | "batch-processor", _) => TRANSCRIPTION,
        ("rooms", Some("dialOut" | "sipCallTransfer" | "sipRefer")) => TELEPHONY,
        ("rooms" | "presence", _) => LIVE,
        ("meeting-tokens", _) => MEETING_TOKENS,
        ("meetings", _) => MEETINGS,
        ("webhooks", _) => WEBHOOKS,
        ("logs", _) => LOGS,
        ("", _) => DOMAIN,
        _ => TELEPHONY,
    };
    subject.tag
}
