//! A TURN server (RFC 8656) of which the relay is the node itself: an
//! allocation has an address that no network knows, and what is sent from it
//! reaches nothing but the node's own media ports, within the process. So it
//! cannot be used to reach anybody else, and needs no ports of its own.
//!
//! Everything here is without I/O: a [`Session`] is one connection of a client.
//! It knows what browsers need: Allocate, Refresh, CreatePermission,
//! ChannelBind, Send and Data, with long-term credentials. Written here because
//! the relay is no socket; what is left is the messages.

mod address;
mod allocation;
mod authority;
mod message;
mod session;

pub(crate) use address::{Family, RelayAddresses, is_relayed};
pub(crate) use session::answer_binding;
pub(crate) use session::{Action, Around, Session};
