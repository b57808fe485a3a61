//! What a simulation is asked afterwards.

use std::time::{Duration, Instant};

use parlor_client::{Participant, Presence, Reception};
use parlor_model::call::{ParticipantView, ServerMessage, TrackSource, TrackState};
use parlor_model::id::{MeetingId, ParticipantId};

use crate::person::Who;
use crate::sim::Sim;

/// Somebody, to be looked at.
pub struct Check<'a> {
    pub(crate) sim: &'a Sim,
    pub(crate) client: &'a Participant,
}

/// What somebody receives of one track.
pub struct ReceptionCheck<'a> {
    reception: &'a Reception,
    started_at: Instant,
}

impl<'a> Check<'a> {
    /// Is in the room.
    #[track_caller]
    pub fn is_inside(&self) -> &Self {
        assert_eq!(self.client.presence(), &Presence::Inside);
        self
    }

    /// Sees exactly these others, in this order.
    #[track_caller]
    pub fn sees(&self, others: &[Who]) -> &Self {
        let seen: Vec<_> = self.client.others().map(|other| other.id).collect();
        let expected: Vec<_> = others.iter().map(|other| self.sim.id(*other)).collect();
        assert_eq!(seen, expected);
        self
    }

    /// Somebody else as they see them.
    ///
    /// # Panics
    ///
    /// When they do not see them.
    #[track_caller]
    #[must_use]
    pub fn view_of(&self, other: Who) -> &'a ParticipantView {
        let id = self.sim.id(other);
        let mut views = self.client.others().chain(self.client.me());
        views.find(|view| view.id == id).expect("they are seen")
    }

    /// Sees somebody's track in this state.
    #[track_caller]
    pub fn sees_track(&self, other: Who, source: TrackSource, state: TrackState) -> &Self {
        let tracks = &self.view_of(other).tracks;
        assert_eq!(tracks.get(&source).copied().unwrap_or(TrackState::Off), state);
        self
    }

    /// Receives somebody's track.
    ///
    /// # Panics
    ///
    /// When no slot carries it.
    #[track_caller]
    #[must_use]
    pub fn receives(&self, from: Who, source: TrackSource) -> ReceptionCheck<'a> {
        let reception = self.client.reception(self.sim.id(from), source);
        let reception = reception.expect("a slot carries the track");
        ReceptionCheck { reception, started_at: self.sim.started_at() }
    }

    /// No slot of theirs carries the track, or nothing came in it.
    #[track_caller]
    pub fn receives_nothing(&self, from: Who, source: TrackSource) -> &Self {
        let packets = self.client.reception(self.sim.id(from), source).map_or(0, |it| it.packets);
        assert_eq!(packets, 0, "packets of {source:?}");
        self
    }

    /// The app messages they got: sender and data.
    #[must_use]
    pub fn app_messages(&self) -> Vec<(ParticipantId, &'a serde_json::Value)> {
        let app = |message: &'a ServerMessage| match message {
            ServerMessage::AppMessage { from, data } => Some((*from, data)),
            _ => None,
        };
        self.client.messages().filter_map(app).collect()
    }

    /// The session data as they know it.
    #[must_use]
    pub fn session_data(&self) -> serde_json::Value {
        let told = |message: &ServerMessage| match message {
            ServerMessage::Welcome { session_data: data, .. }
            | ServerMessage::SessionData { data } => Some(data.clone().into()),
            ServerMessage::MeetingChanged { .. } => Some(serde_json::json!({})),
            _ => None,
        };
        self.client.messages().filter_map(told).last().unwrap_or_default()
    }

    /// How many others are hidden, as they know it.
    #[must_use]
    pub fn hidden(&self) -> usize {
        let told = |message: &ServerMessage| match message {
            ServerMessage::Welcome { hidden, .. } | ServerMessage::HiddenCount { hidden } => {
                Some(*hidden)
            }
            _ => None,
        };
        self.client.messages().filter_map(told).last().unwrap_or_default()
    }

    /// The meeting as they know it.
    #[must_use]
    pub fn meeting(&self) -> Option<MeetingId> {
        let told = |message: &ServerMessage| match message {
            ServerMessage::Welcome { meeting, .. } | ServerMessage::MeetingChanged { meeting } => {
                Some(*meeting)
            }
            _ => None,
        };
        self.client.messages().filter_map(told).last()
    }

    /// Which of their messages were rejected.
    #[must_use]
    pub fn rejected(&self) -> Vec<&'a str> {
        let rejected = |message: &'a ServerMessage| match message {
            ServerMessage::Rejected { message, .. } => Some(message.as_str()),
            _ => None,
        };
        self.client.messages().filter_map(rejected).collect()
    }
}

impl ReceptionCheck<'_> {
    /// At least this many whole frames came.
    #[track_caller]
    pub fn frames(&self, least: u64) -> &Self {
        assert!(self.reception.frames >= least, "{:?}", self.counters());
        self
    }

    /// Nothing was lost, repeated or out of its time.
    #[track_caller]
    pub fn unbroken(&self) -> &Self {
        assert_eq!(self.reception.lost(), 0, "{:?}", self.counters());
        assert_eq!(self.reception.freezes, 0, "{:?}", self.counters());
        self.in_order()
    }

    /// Nothing was repeated or went back in time.
    #[track_caller]
    pub fn in_order(&self) -> &Self {
        assert_eq!(self.reception.duplicates, 0, "{:?}", self.counters());
        assert_eq!(self.reception.setbacks, 0, "{:?}", self.counters());
        assert_eq!(self.reception.skips, 0, "{:?}", self.counters());
        self
    }

    /// The first frame was whole this long after the simulation began.
    ///
    /// # Panics
    ///
    /// When none came.
    #[track_caller]
    #[must_use]
    pub fn first_frame_after(&self) -> Duration {
        let first = self.reception.first_frame_at.expect("a frame came");
        first.duration_since(self.started_at)
    }

    /// Everything that was counted.
    #[must_use]
    pub fn counters(&self) -> &Reception {
        self.reception
    }
}
