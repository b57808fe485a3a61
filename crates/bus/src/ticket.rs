//! Sealed admission tickets: `base64url(JSON) "." base64url(HMAC-SHA256)`.
//! The text is opaque to the browser that carries it. It is signed, not
//! encrypted: a joiner may read what the server says about them.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parlor_model::call_log::LogPass;
use parlor_model::ticket::Ticket;
use parlor_model::time::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Longest sealed ticket looked at, in bytes. Permissions by participant are
/// the only part that grows; anything longer was not made by us.
pub const MAX_SEALED_TICKET_BYTES: usize = 64 * 1024;

/// Parts this use of the key from any other, should one secret ever serve two.
const LABEL: &[u8] = b"parlor ticket 1\0";

/// The same for the passes of log reports.
const LOG_LABEL: &[u8] = b"parlor log pass 1\0";

/// Why a sealed ticket opens no door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TicketError {
    /// Not the form of a sealed ticket.
    #[error("the ticket is not in the form that POST /_parlor/join gives out")]
    Malformed,
    /// Changed on the way, or sealed with another key.
    #[error("the ticket was changed, or made by another server or before a restart; join again")]
    BadSignature,
    /// Too late.
    #[error("the ticket has expired; join again")]
    Expired,
}

/// The secret that server and media node share to pass tickets through the
/// browser.
#[derive(Clone)]
pub struct TicketKey(hmac::Key);

impl TicketKey {
    /// The key of these 32 secret random bytes.
    #[must_use]
    pub fn from_bytes(secret: [u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret))
    }

    /// Seals a ticket for its way through the browser.
    ///
    /// # Panics
    /// Never: a ticket consists of types that always serialise.
    #[must_use]
    pub fn seal(&self, ticket: &Ticket) -> String {
        self.seal_as(LABEL, ticket)
    }

    /// Opens a sealed ticket that is still good at `now`.
    ///
    /// # Errors
    /// See [`TicketError`]. Nothing of the contents is read before the
    /// signature was found good.
    pub fn open(&self, sealed: &str, now: UnixMillis) -> Result<Ticket, TicketError> {
        let ticket: Ticket = self.open_as(LABEL, sealed)?;
        if now > ticket.expires_at {
            return Err(TicketError::Expired);
        }
        Ok(ticket)
    }

    /// Seals the pass with which a client reports its log.
    ///
    /// # Panics
    /// Never: a pass consists of types that always serialise.
    #[must_use]
    pub fn seal_log_pass(&self, pass: &LogPass) -> String {
        self.seal_as(LOG_LABEL, pass)
    }

    /// Opens a pass that is still good at `now`.
    ///
    /// # Errors
    /// As [`open`](Self::open). A ticket is no pass, nor a pass a ticket.
    pub fn open_log_pass(&self, sealed: &str, now: UnixMillis) -> Result<LogPass, TicketError> {
        let pass: LogPass = self.open_as(LOG_LABEL, sealed)?;
        if now > pass.expires_at {
            return Err(TicketError::Expired);
        }
        Ok(pass)
    }

    pub(crate) fn sign(&self, data: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, data)
    }

    fn seal_as(&self, label: &[u8], content: &impl Serialize) -> String {
        let json =
            serde_json::to_vec(content).expect("the content has string keys and plain values");
        let mut sealed = BASE64.encode(json);
        let tag = self.sign(&[label, sealed.as_bytes()].concat());
        sealed.push('.');
        BASE64.encode_string(tag, &mut sealed);
        sealed
    }

    fn open_as<T: DeserializeOwned>(&self, label: &[u8], sealed: &str) -> Result<T, TicketError> {
        if sealed.len() > MAX_SEALED_TICKET_BYTES {
            return Err(TicketError::Malformed);
        }
        let (body, tag) = sealed.split_once('.').ok_or(TicketError::Malformed)?;
        let tag = BASE64.decode(tag).map_err(|_| TicketError::Malformed)?;
        let signed = [label, body.as_bytes()].concat();
        hmac::verify(&self.0, &signed, &tag).map_err(|_| TicketError::BadSignature)?;
        let json = BASE64.decode(body).map_err(|_| TicketError::Malformed)?;
        serde_json::from_slice(&json).map_err(|_| TicketError::Malformed)
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKey(…)")
    }
}
