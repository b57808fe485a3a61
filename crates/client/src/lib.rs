//! A headless participant: the mirror of a room. It speaks the call protocol,
//! negotiates, sends scripted media and judges what it receives as a decoder
//! would, all without sockets, threads or clock: messages, datagrams and time
//! come in through [`Participant::handle`], and what is to be sent comes out of
//! [`Participant::poll`].
//!
//! It serves simulations and load clients, and is what programs that join
//! calls without a browser are built on.

mod config;
mod io;
mod participant;
mod reception;
mod script;
mod sender;

pub use config::{ParticipantConfig, SlotCount};
pub use io::{Input, Output, Transmit};
pub use participant::{Participant, Presence};
pub use reception::Reception;
pub use script::{AudioScript, EncodingScript, Script, TrackScript, VideoScript};
