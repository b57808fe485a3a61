//! What makes a run worth less, or nothing.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::meter::Spent;

/// A client thread that is busier has no time left for what comes in bursts.
const MOST_BUSY: f64 = 0.85;
/// A client thread that waits for a core longer measures the waiting.
const MOST_WAITING: f64 = 0.25;
/// Frames written later than this are no camera's any more.
const MOST_LATE: Duration = Duration::from_millis(20);
/// What others may use of a core before they disturb.
const MOST_OTHERS: f64 = 0.25;

/// A reason to doubt.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "doubt")]
pub enum Doubt {
    /// A thread of the client had hardly a pause.
    ClientBusy {
        /// Part of a core.
        cores: f64,
    },
    /// The client had to wait for a core: times are too long.
    ClientWaited {
        /// Part of the time.
        part: f64,
    },
    /// The client's own sockets overflowed: it, not the server, lost these.
    ClientDropped {
        /// Datagrams.
        datagrams: u64,
    },
    /// The client wrote its frames late.
    ClientLate {
        /// 99 of a hundred were less late.
        p99_ms: f64,
    },
    /// The server's sockets overflowed.
    ServerDropped {
        /// Datagrams.
        datagrams: u64,
    },
    /// Something else used the machine.
    OthersBusy {
        /// Cores.
        cores: f64,
    },
    /// Not everybody received something.
    NotAllReceive {
        /// How many did.
        receiving: u64,
        /// How many should.
        expected: u64,
    },
    /// Signalling failed for somebody.
    Trouble {
        /// The first of them.
        text: String,
        /// How many.
        people: usize,
    },
}

impl Doubt {
    /// Whether the figures are not the server's.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Self::ServerDropped { .. } | Self::ClientWaited { .. } | Self::OthersBusy { .. }
        )
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientBusy { cores } => write!(f, "the client was busy: {cores:.2} of a core"),
            Self::ClientWaited { part } => {
                write!(f, "the client waited for a core {:.0} % of the time", part * 100.0)
            }
            Self::ClientDropped { datagrams } => {
                write!(f, "the client's sockets dropped {datagrams}")
            }
            Self::ClientLate { p99_ms } => write!(f, "the client sent {p99_ms:.0} ms late"),
            Self::ServerDropped { datagrams } => {
                write!(f, "the server's sockets dropped {datagrams}")
            }
            Self::OthersBusy { cores } => write!(f, "others used {cores:.2} cores"),
            Self::NotAllReceive { receiving, expected } => {
                write!(f, "{receiving} of {expected} received something")
            }
            Self::Trouble { text, people } => write!(f, "{people} had trouble, first: {text}"),
        }
    }
}

/// What is looked at.
pub(super) struct Seen {
    pub(super) all_receive: bool,
    pub(super) moving: Spent,
    pub(super) elapsed: f64,
    pub(super) others: f64,
    pub(super) own_drops: u64,
    pub(super) server_drops: u64,
    pub(super) late: Duration,
    pub(super) troubles: Vec<String>,
    pub(super) receiving: u64,
    pub(super) expected: u64,
}

impl Seen {
    pub(super) fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let mut note = |is_so: bool, doubt: Doubt| {
            if is_so {
                doubts.push(doubt);
            }
        };
        let cores = self.moving.busiest.as_secs_f64() / self.elapsed;
        note(cores > MOST_BUSY, Doubt::ClientBusy { cores });
        let part = self.moving.waited.as_secs_f64() / self.elapsed;
        note(part > MOST_WAITING, Doubt::ClientWaited { part });
        let datagrams = self.own_drops;
        note(datagrams > 0, Doubt::ClientDropped { datagrams });
        let p99_ms = self.late.as_secs_f64() * 1e3;
        note(self.late > MOST_LATE, Doubt::ClientLate { p99_ms });
        let datagrams = self.server_drops;
        note(datagrams > 0, Doubt::ServerDropped { datagrams });
        note(self.others > MOST_OTHERS, Doubt::OthersBusy { cores: self.others });
        let (receiving, expected) = (self.receiving, self.expected);
        let all = self.all_receive && receiving >= expected;
        note(!all, Doubt::NotAllReceive { receiving, expected });
        if let Some(text) = self.troubles.first() {
            let people = self.troubles.len();
            doubts.push(Doubt::Trouble { text: text.clone(), people });
        }
        doubts
    }
}
