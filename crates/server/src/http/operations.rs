//! Operations of the Daily API that this server does not have yet. They
//! authenticate like any other and then answer 501, so that a client learns
//! the truth; `docs/compatibility.md` lists them.

use axum::http::Method;
use parlor_model::key_permission::KeyPermission::{
    self, DeleteRecordings, DeleteRooms, ReadLogs, ReadRecordings, ReadTelephony, ReadTranscripts,
    ReadWebhooks, WriteRecordings, WriteRooms, WriteTelephony, WriteTranscripts, WriteWebhooks,
};

use crate::http::rate_limit::LimitClass::{self, Batch, Heavy, Standard, Start};

/// One operation that answers 501.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Its method.
    pub method: Method,
    /// Its path below `/v1`, with `{}` around the variable segments.
    pub path: &'static str,
    /// Its name in the published API description.
    pub operation: &'static str,
    /// What a key needs to be told that it is missing.
    pub permission: KeyPermission,
    /// Which limit it counts against.
    pub class: LimitClass,
}

macro_rules! missing {
    ($($method:ident $path:literal $operation:literal $permission:ident $class:ident;)+) => {
        /// All of them, in the order of the published description.
        pub const MISSING: &[Missing] = &[$(Missing {
            method: Method::$method,
            path: $path,
            operation: $operation,
            permission: $permission,
            class: $class,
        },)+];
    };
}

missing! {
    POST "/rooms/{name}/recordings/start" "RoomRecordingsStart" WriteRecordings Start;
    POST "/rooms/{name}/recordings/update" "RoomRecordingsUpdate" WriteRecordings Standard;
    POST "/rooms/{name}/recordings/stop" "RoomRecordingsStop" WriteRecordings Standard;
    POST "/rooms/{name}/live-streaming/start" "RoomLivestreamingStart" WriteRecordings Start;
    POST "/rooms/{name}/live-streaming/update" "RoomLivestreamingUpdate" WriteRecordings Standard;
    POST "/rooms/{name}/live-streaming/stop" "RoomLivestreamingStop" WriteRecordings Standard;
    POST "/rooms/{name}/transcription/start" "RoomTranscriptionStart" WriteTranscripts Standard;
    POST "/rooms/{name}/transcription/update" "RoomTranscriptionUpdate" WriteTranscripts Standard;
    POST "/rooms/{name}/transcription/stop" "RoomTranscriptionStop" WriteTranscripts Standard;
    POST "/rooms/{name}/dialOut/start" "RoomDialOutStart" WriteTelephony Start;
    POST "/rooms/{name}/dialOut/sendDTMF" "RoomDialOutSendDTMF" WriteTelephony Standard;
    POST "/rooms/{name}/dialOut/stop" "RoomDialOutStop" WriteTelephony Standard;
    POST "/rooms/{name}/sipCallTransfer" "RoomSipCallTransfer" WriteTelephony Standard;
    POST "/rooms/{name}/sipRefer" "RoomSipRefer" WriteTelephony Standard;
    GET "/recordings" "ListRecordings" ReadRecordings Heavy;
    GET "/recordings/{id}" "GetRecordingInfo" ReadRecordings Standard;
    DELETE "/recordings/{id}" "DeleteRecording" DeleteRecordings Standard;
    GET "/recordings/{id}/access-link" "GetRecordingLink" ReadRecordings Standard;
    GET "/transcript" "ListTranscript" ReadTranscripts Standard;
    GET "/transcript/{id}" "GetTranscriptInfo" ReadTranscripts Standard;
    DELETE "/transcript/{id}" "DeleteTranscript" WriteTranscripts Standard;
    GET "/transcript/{id}/access-link" "GetTranscriptLink" ReadTranscripts Standard;
    GET "/domain-dialin-config" "ListDomainDialinConfigs" ReadTelephony Standard;
    POST "/domain-dialin-config" "CreateDomainDialConfigInfo" WriteTelephony Standard;
    GET "/domain-dialin-config/{id}" "GetDomainDialinConfigInfo" ReadTelephony Standard;
    PUT "/domain-dialin-config/{id}" "UpdateDomainDialConfigInfo" WriteTelephony Standard;
    DELETE "/domain-dialin-config/{id}" "DeleteDomainDialinConfig" WriteTelephony Standard;
    GET "/webhooks" "GetWebhooks" ReadWebhooks Standard;
    POST "/webhooks" "CreateWebhook" WriteWebhooks Standard;
    GET "/webhooks/{id}" "GetWebhookConfig" ReadWebhooks Standard;
    POST "/webhooks/{id}" "UpdateWebhookConfig" WriteWebhooks Standard;
    DELETE "/webhooks/{id}" "DeleteWebhook" WriteWebhooks Standard;
    GET "/logs" "ListLogs" ReadLogs Standard;
    GET "/logs/api" "ListAPILogs" ReadLogs Standard;
    POST "/batch/rooms" "BatchRoomCreate" WriteRooms Batch;
    DELETE "/batch/rooms" "BatchRoomDelete" DeleteRooms Batch;
    GET "/list-available-numbers" "ListAvailableNumbers" ReadTelephony Standard;
    GET "/purchased-phone-numbers" "PurchasedPhoneNumbers" ReadTelephony Standard;
    POST "/buy-phone-number" "BuyPhoneNumber" WriteTelephony Standard;
    DELETE "/release-phone-number/{id}" "ReleasePhoneNumber" WriteTelephony Standard;
    POST "/dialin/pinlessCallUpdate" "PinlessCallUpdate" WriteTelephony Standard;
    POST "/batch-processor" "SubmitBatchProcessorJob" WriteTranscripts Standard;
    GET "/batch-processor" "ListBatchProcessorJobs" ReadTranscripts Standard;
    GET "/batch-processor/{id}" "GetBatchProcessorJob" ReadTranscripts Standard;
    GET "/batch-processor/{id}/access-link" "GetBatchProcessorJobAccessLink" ReadTranscripts Standard;
    DELETE "/batch-processor/{id}" "DeleteBatchProcessorJob" WriteTranscripts Standard;
}
