//! The page of routes, continued: recording, live streaming, transcription and
//! telephony. What `lacks` an engine checks the request and the state of things
//! and then says so; what is `idle` for the same reason says that nothing runs;
//! the rest answers of what there is, which is nothing yet.

use axum::http::Method;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::key_permission::KeyPermission;

use super::{Operation, op};
use crate::http::rate_limit::LimitClass;
use crate::http::{phone_numbers, recordings, telephony, transcription};

/// Method, path, permission, limit class, handler.
macro_rules! rows {
    ($($method:ident $path:literal $permission:ident $class:ident
        $module:ident::$handler:ident $(lacks $lack:literal)? $(idle $idle:literal)? $(noted $target:ident)?;)+) => {
        vec![$(
            op(
                Method::$method,
                $path,
                stringify!($handler),
                KeyPermission::$permission,
                LimitClass::$class,
                $module::$handler,
            )$(.without_engine($lack))?$(.of_nothing($idle))?$(.noted(AuditAction::Delete, AuditTarget::$target))?,
        )+]
    };
}

/// The REST operations of engines.
pub(super) fn operations() -> Vec<Operation> {
    rows! {
        POST "/rooms/{name}/recordings/start" WriteRecordings Start recordings::start_recording lacks "no recording engine";
        POST "/rooms/{name}/recordings/update" WriteRecordings Standard recordings::update_recording idle "no recording engine";
        POST "/rooms/{name}/recordings/stop" WriteRecordings Standard recordings::stop_recording idle "no recording engine";
        POST "/rooms/{name}/live-streaming/start" WriteRecordings Start recordings::start_live_stream lacks "no streaming engine";
        POST "/rooms/{name}/live-streaming/update" WriteRecordings Standard recordings::update_live_stream idle "no streaming engine";
        POST "/rooms/{name}/live-streaming/stop" WriteRecordings Standard recordings::stop_live_stream idle "no streaming engine";
        GET "/recordings" ReadRecordings Heavy recordings::list_recordings;
        GET "/recordings/{id}" ReadRecordings Standard recordings::read_recording;
        DELETE "/recordings/{id}" DeleteRecordings Standard recordings::delete_recording noted Recording;
        GET "/recordings/{id}/access-link" ReadRecordings Standard recordings::read_recording_link;
        POST "/rooms/{name}/transcription/start" WriteTranscripts Standard transcription::start_transcription lacks "no transcription engine";
        POST "/rooms/{name}/transcription/update" WriteTranscripts Standard transcription::update_transcription idle "no transcription engine";
        POST "/rooms/{name}/transcription/stop" WriteTranscripts Standard transcription::stop_transcription idle "no transcription engine";
        GET "/transcript" ReadTranscripts Standard transcription::list_transcripts;
        GET "/transcript/{id}" ReadTranscripts Standard transcription::read_transcript;
        DELETE "/transcript/{id}" WriteTranscripts Standard transcription::delete_transcript;
        GET "/transcript/{id}/access-link" ReadTranscripts Standard transcription::read_transcript_link;
        POST "/batch-processor" WriteTranscripts Standard transcription::submit_batch_job lacks "no transcription engine";
        GET "/batch-processor" ReadTranscripts Standard transcription::list_batch_jobs;
        GET "/batch-processor/{id}" ReadTranscripts Standard transcription::read_batch_job;
        GET "/batch-processor/{id}/access-link" ReadTranscripts Standard transcription::read_batch_job_links;
        DELETE "/batch-processor/{id}" WriteTranscripts Standard transcription::delete_batch_job;
        POST "/rooms/{name}/dialOut/start" WriteTelephony Start telephony::start_dial_out lacks "no telephone gateway";
        POST "/rooms/{name}/dialOut/sendDTMF" WriteTelephony Standard telephony::send_dtmf lacks "no telephone gateway";
        POST "/rooms/{name}/dialOut/stop" WriteTelephony Standard telephony::stop_dial_out lacks "no telephone gateway";
        POST "/rooms/{name}/sipCallTransfer" WriteTelephony Standard telephony::transfer_sip_call lacks "no telephone gateway";
        POST "/rooms/{name}/sipRefer" WriteTelephony Standard telephony::refer_sip_call lacks "no telephone gateway";
        POST "/dialin/pinlessCallUpdate" WriteTelephony Standard telephony::update_pinless_call lacks "no telephone gateway";
        GET "/list-available-numbers" ReadTelephony Standard phone_numbers::list_available_numbers;
        POST "/buy-phone-number" WriteTelephony Standard phone_numbers::buy_phone_number lacks "no vendor of numbers";
        DELETE "/release-phone-number/{id}" WriteTelephony Standard phone_numbers::release_phone_number;
        GET "/purchased-phone-numbers" ReadTelephony Standard phone_numbers::list_purchased_numbers;
        GET "/domain-dialin-config" ReadTelephony Standard phone_numbers::list_dialin_configs;
        POST "/domain-dialin-config" WriteTelephony Standard phone_numbers::create_dialin_config lacks "no telephone gateway";
        GET "/domain-dialin-config/{id}" ReadTelephony Standard phone_numbers::read_dialin_config;
        PUT "/domain-dialin-config/{id}" WriteTelephony Standard phone_numbers::update_dialin_config;
        DELETE "/domain-dialin-config/{id}" WriteTelephony Standard phone_numbers::delete_dialin_config;
    }
}
