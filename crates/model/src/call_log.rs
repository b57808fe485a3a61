//! `POST /_parlor/logs`: what a client reports of its call, so that the people
//! who run the app can see afterwards what happened in somebody's browser.
//! Sent every [`REPORT_INTERVAL_MS`] while there is something to say, and once
//! more on leaving. `GET /logs` shows it.

use serde::{Deserialize, Serialize};

use crate::id::{OrgId, ParticipantId, RoomId};
use crate::time::UnixMillis;

/// Largest report, in bytes. Browsers refuse larger `keepalive` requests.
pub const MAX_REPORT_BYTES: usize = 64 * 1024;

/// Most entries of one report, log lines and metrics together.
pub const MAX_REPORT_ENTRIES: usize = 200;

/// Longest message that is kept, in characters; what goes beyond is cut.
pub const MAX_LOG_MESSAGE_CHARS: usize = 2000;

/// How often a client reports, in milliseconds. More often shows trouble
/// sooner and costs a request each time.
pub const REPORT_INTERVAL_MS: u32 = 15_000;

/// How long a pass for reports is good, in seconds. It also ends with the
/// server process.
pub const LOG_PASS_SECONDS: i64 = 24 * 60 * 60;

/// One report. Sent as `text/plain`, so that no CORS preflight is needed; it
/// is parsed as JSON whatever its content type. Answered with 204.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CallLogReport {
    /// `log_pass` of the join answer.
    pub pass: String,
    /// Log lines, oldest first.
    #[serde(default)]
    pub logs: Vec<CallLogEntry>,
    /// Measurements, oldest first.
    #[serde(default)]
    pub metrics: Vec<CallMetrics>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CallLogEntry {
    /// When, on the client's clock.
    pub time: UnixMillis,
    /// How grave it is.
    pub level: CallLogLevel,
    /// For people. Holds no tokens and no passes.
    pub message: String,
    /// Which kind of event, where it has a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<i32>,
    /// The other participant whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub peer: Option<ParticipantId>,
}

/// How grave a line is. A number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "0 | 1 | 2"))]
#[serde(try_from = "i64", into = "i64")]
pub enum CallLogLevel {
    /// `0`: something failed.
    Error,
    /// `1`: something happened.
    Info,
    /// `2`: for those who look closely.
    Debug,
}

impl CallLogLevel {
    /// By its name in queries: `ERROR`, `INFO`, `DEBUG`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ERROR" => Some(Self::Error),
            "INFO" => Some(Self::Info),
            "DEBUG" => Some(Self::Debug),
            _ => None,
        }
    }
}

impl From<CallLogLevel> for i64 {
    fn from(level: CallLogLevel) -> Self {
        match level {
            CallLogLevel::Error => 0,
            CallLogLevel::Info => 1,
            CallLogLevel::Debug => 2,
        }
    }
}

impl TryFrom<i64> for CallLogLevel {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, &'static str> {
        match number {
            0 => Ok(Self::Error),
            1 => Ok(Self::Info),
            2 => Ok(Self::Debug),
            _ => Err("level should be 0 (error), 1 (info) or 2 (debug)"),
        }
    }
}

/// How the transport did at one moment. What was not measured is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CallMetrics {
    /// When, on the client's clock.
    pub time: UnixMillis,
    /// What was measured.
    #[serde(flatten)]
    pub transport: TransportMetrics,
}

/// Measurements of a client's transport, named as daily-js names them in its
/// network statistics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TransportMetrics {
    /// Bits per second, received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recv_bits_per_second: Option<f64>,
    /// Bits per second, sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_bits_per_second: Option<f64>,
    /// Bits per second that the way up is thought to carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_outgoing_bitrate: Option<f64>,
    /// Seconds to the server and back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_round_trip_time: Option<f64>,
    /// Bits per second of video, received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_recv_bits_per_second: Option<f64>,
    /// Bits per second of video, sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_send_bits_per_second: Option<f64>,
    /// Bits per second of audio, received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_recv_bits_per_second: Option<f64>,
    /// Bits per second of audio, sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_send_bits_per_second: Option<f64>,
    /// Share of video packets lost on the way down, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_recv_packet_loss: Option<f64>,
    /// Share of video packets lost on the way up, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_send_packet_loss: Option<f64>,
    /// Share of audio packets lost on the way down, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_recv_packet_loss: Option<f64>,
    /// Share of audio packets lost on the way up, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_send_packet_loss: Option<f64>,
}

/// Who may report, for which stay. Sealed like a ticket, and no secret: it
/// opens nothing but the logs of one stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPass {
    /// Whose logs these will be.
    pub org: OrgId,
    /// The room's record.
    pub room: RoomId,
    /// The session id of the stay.
    pub participant: ParticipantId,
    /// Last moment at which a report is taken.
    pub expires_at: UnixMillis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_with_what_it_leaves_out() {
        let text = r#"{"pass":"p","logs":[{"time":5,"level":2,"message":"m"}],
            "metrics":[{"time":6,"videoRecvPacketLoss":0.25,"somethingNew":1}]}"#;
        let report: CallLogReport = serde_json::from_str(text).unwrap();
        assert_eq!(report.logs[0].level, CallLogLevel::Debug);
        assert_eq!(report.metrics[0].transport.video_recv_packet_loss, Some(0.25));
        let shown = serde_json::to_string(&report.metrics[0]).unwrap();
        assert_eq!(shown, r#"{"time":6,"videoRecvPacketLoss":0.25}"#);
        assert!(
            serde_json::from_str::<CallLogEntry>(r#"{"time":1,"level":3,"message":""}"#).is_err()
        );
    }
}
