//! How the parts of Parlor ask and tell each other. Today everything runs in
//! one process, so a request to a live room is a message on a bounded queue;
//! who asks does not know that, and a bus that reaches other nodes takes the
//! same calls.
//!
//! - [`Bus`]: the asking side, held by the API server.
//! - [`Requests`]: the answering side, held by the media node.
//! - [`Facts`] and [`FactStream`]: what happened in the rooms, on its way from
//!   the media node to whoever writes it down.
//! - [`SenderAddr`]: who opens a call socket, as the server believes it.
//! - [`TicketKey`]: seals admission tickets on one side and opens them on the
//!   other, so that a media node needs no database to know whom to let in. The
//!   same key makes the credentials of the relay: [`RelayCredentials`].

mod facts;
mod local;
mod relay;
mod sender;
mod ticket;

pub use facts::{FACTS_AT_ONCE, FACTS_LENGTH, FactStream, Facts, FactsProgress, facts};
pub use local::{Answer, Bus, BusError, QUEUE_LENGTH, REQUEST_TIMEOUT, Request, Requests};
pub use relay::{RelayCredentials, RelayUser};
pub use sender::SenderAddr;
pub use ticket::{MAX_SEALED_TICKET_BYTES, TicketError, TicketKey};
