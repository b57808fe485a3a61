//! Recording, live streaming and transcription of a call. This release has no
//! engine for them: requests are checked, and the state of things is, before
//! that is said.

use std::convert::Infallible;

use parlor_model::call_log::LogPass;
use parlor_model::command::{Command, Reply};
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::id::OrgId;
use parlor_model::permission::AdminArea;
use parlor_model::property::Scope;
use parlor_model::rest::streams::{
    ChangeRecording, StartRecording, StartStream, StopStreamBody, UpdateStreamBody,
};
use parlor_model::rest::transcription::{
    StartTranscriptionBody, StopTranscriptionBody, UpdateTranscriptionBody,
};
use serde_json::{Map, Value};

use crate::app::live_actions::find_hosting;
use crate::app::quotas;
use crate::app::rooms::stored_properties;
use crate::cx::AppState;
use crate::failure::Failure;

type Body = Map<String, Value>;

/// What an engine may be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Start recording.
    StartRecording,
    /// Change how the recording looks.
    UpdateRecording,
    /// Stop recording.
    StopRecording,
    /// Start streaming the call elsewhere.
    StartStream,
    /// Change how the stream looks.
    UpdateStream,
    /// Stop streaming.
    StopStream,
    /// Start transcribing.
    StartTranscription,
    /// Change whom the transcription listens to.
    UpdateTranscription,
    /// Stop transcribing.
    StopTranscription,
}

impl Operation {
    /// All of them, by the words of calls.
    pub(crate) const WORDS: [(&str, Self); 9] = [
        ("start-recording", Self::StartRecording),
        ("update-recording", Self::UpdateRecording),
        ("stop-recording", Self::StopRecording),
        ("start-live-streaming", Self::StartStream),
        ("update-live-streaming", Self::UpdateStream),
        ("stop-live-streaming", Self::StopStream),
        ("start-transcription", Self::StartTranscription),
        ("update-transcription", Self::UpdateTranscription),
        ("stop-transcription", Self::StopTranscription),
    ];

    /// By its word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, operation)| *operation)
    }

    /// What somebody in the call must be allowed to administer.
    fn area(self) -> AdminArea {
        match self {
            Self::StartTranscription | Self::UpdateTranscription | Self::StopTranscription => {
                AdminArea::Transcription
            }
            _ => AdminArea::Streaming,
        }
    }

    /// What it is done to.
    fn subject(self) -> &'static str {
        match self {
            Self::StartRecording | Self::UpdateRecording | Self::StopRecording => "recording",
            Self::StartStream | Self::UpdateStream | Self::StopStream => "live stream",
            Self::StartTranscription | Self::UpdateTranscription | Self::StopTranscription => {
                "transcription"
            }
        }
    }
}

/// Why the call in the room called `name` cannot be recorded, streamed or
/// transcribed so.
pub(crate) async fn ask(
    state: &AppState,
    org: OrgId,
    name: &str,
    operation: Operation,
    body: &Body,
) -> Result<Infallible, Failure> {
    match operation {
        Operation::StartRecording => return start_recording(state, org, name, body).await,
        Operation::StartStream => return start_stream(state, org, name, body).await,
        Operation::StartTranscription => return start_transcription(state, org, name, body).await,
        Operation::UpdateRecording => ChangeRecording::parse_update(body).map(|_| ())?,
        Operation::StopRecording => ChangeRecording::parse_stop(body).map(|_| ())?,
        Operation::UpdateStream => UpdateStreamBody::SCHEMA.check(body)?,
        Operation::StopStream => StopStreamBody::SCHEMA.check(body)?,
        Operation::UpdateTranscription => UpdateTranscriptionBody::SCHEMA.check(body)?,
        Operation::StopTranscription => StopTranscriptionBody::SCHEMA.check(body)?,
    }
    find_hosting(state, org, name).await?;
    Err(ApiError::nothing_running(name, operation.subject()).into())
}

/// The same, asked for by somebody in the call: who must be there still, and
/// be allowed to.
pub(crate) async fn ask_in_call(
    state: &AppState,
    pass: &LogPass,
    operation: Operation,
    body: &Body,
) -> Result<Infallible, Failure> {
    let LogPass { room, participant, .. } = *pass;
    let question = Command::Administers { room, participant, area: operation.area() };
    match state.cx.bus.request(question).await? {
        Reply::Administers { is_allowed: true, room_name } => {
            ask(state, pass.org, &room_name, operation, body).await
        }
        Reply::Administers { .. } | Reply::NoCall => Err(not_allowed(operation).into()),
        _ => Err(Failure::UnexpectedReply),
    }
}

fn not_allowed(operation: Operation) -> ApiError {
    let area = match operation.area() {
        AdminArea::Transcription => "transcription",
        _ => "streaming",
    };
    let info = format!("this is for those in the call who may administer `{area}` (`canAdmin`)");
    ApiError::new(ErrorKind::Forbidden, info)
}

async fn start_recording(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    let wanted = StartRecording::parse(body)?;
    let room = find_hosting(state, org, name).await?;
    let properties = stored_properties(Scope::Room, &room.properties)?;
    if !wanted.kind.is_allowed_by(properties.get("enable_recording")) {
        return Err(ApiError::recording_not_allowed(name, wanted.kind.as_str()).into());
    }
    quotas::check_recording(state, org)?;
    Err(ApiError::not_implemented("recording").into())
}

async fn start_stream(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    let wanted = StartStream::parse(body)?;
    let room = find_hosting(state, org, name).await?;
    let properties = stored_properties(Scope::Room, &room.properties)?;
    if wanted.unknown_target(properties.get("streaming_endpoints")).is_some() {
        return Err(ApiError::unknown_stream_target(name).into());
    }
    Err(ApiError::not_implemented("live streaming").into())
}

async fn start_transcription(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    StartTranscriptionBody::SCHEMA.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::not_implemented("transcription").into())
}
