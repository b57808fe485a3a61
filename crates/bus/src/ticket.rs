//! Sealed admission tickets: `base64url(JSON) "." base64url(HMAC-SHA256)`.
//! The text is opaque to the browser that carries it. It is signed, not
//! encrypted: a joiner may read what the server says about them.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parlor_model::ticket::Ticket;
use parlor_model::time::UnixMillis;
use thiserror::Error;

/// Longest sealed ticket looked at, in bytes. Permissions by participant are
/// the only part that grows; anything longer was not made by us.
pub const MAX_SEALED_TICKET_BYTES: usize = 64 * 1024;

/// Parts this use of the key from any other, should one secret ever serve two.
const LABEL: &[u8] = b"parlor ticket 1\0";

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
        let json = serde_json::to_vec(ticket).expect("a ticket has string keys and plain values");
        let mut sealed = BASE64.encode(json);
        let tag = hmac::sign(&self.0, &labelled(&sealed));
        sealed.push('.');
        BASE64.encode_string(tag, &mut sealed);
        sealed
    }

    /// Opens a sealed ticket that is still good at `now`.
    ///
    /// # Errors
    /// See [`TicketError`]. Nothing of the contents is read before the
    /// signature was found good.
    pub fn open(&self, sealed: &str, now: UnixMillis) -> Result<Ticket, TicketError> {
        if sealed.len() > MAX_SEALED_TICKET_BYTES {
            return Err(TicketError::Malformed);
        }
        let (body, tag) = sealed.split_once('.').ok_or(TicketError::Malformed)?;
        let tag = BASE64.decode(tag).map_err(|_| TicketError::Malformed)?;
        hmac::verify(&self.0, &labelled(body), &tag).map_err(|_| TicketError::BadSignature)?;
        let json = BASE64.decode(body).map_err(|_| TicketError::Malformed)?;
        let ticket: Ticket = serde_json::from_slice(&json).map_err(|_| TicketError::Malformed)?;
        if now > ticket.expires_at {
            return Err(TicketError::Expired);
        }
        Ok(ticket)
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKey(…)")
    }
}

fn labelled(body: &str) -> Vec<u8> {
    [LABEL, body.as_bytes()].concat()
}
