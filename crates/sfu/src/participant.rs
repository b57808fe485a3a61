//! Somebody in the room: who they are, how they are connected, what they send
//! and what they receive.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use parlor_model::call::{
    NetworkQuality, ParticipantView, SlotTrack, TrackSource, TrackState, TrackWish,
};
use parlor_model::event::{Fact, LeaveReason};
use parlor_model::id::ParticipantId;
use parlor_model::permission::{AdminArea, Permissions};
use parlor_model::ticket::Ticket;
use parlor_model::time::UnixMillis;
use serde_json::Value;
use str0m::media::Mid;

use crate::alarms::Alarm;
use crate::budget::Budget;
use crate::capture::CaptureClock;
use crate::grants::{is_granted, kind_of};
use crate::io::ConnectionId;
use crate::line::Line;
use crate::pacer::Pacer;
use crate::peer::Peer;
use crate::publication::Publication;
use crate::receiving::Receiving;
use crate::slots::Slots;
use crate::track_wishes::TrackWishes;

/// Somebody at the door whose ticket is good.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) ticket: Ticket,
    pub(crate) user_data: Option<Value>,
    pub(crate) resume_secret: String,
    pub(crate) line: Line,
}

/// How often a participant may do what costs the room or the others something.
#[derive(Debug)]
pub(crate) struct Budgets {
    /// Any message.
    pub(crate) messages: Budget,
    /// Changes of oneself, each of which is told to everybody.
    pub(crate) updates: Budget,
    /// App messages, each of which goes to everybody.
    pub(crate) app_messages: Budget,
    /// Offers, each of which costs a fraction of a millisecond.
    pub(crate) offers: Budget,
    /// What is wanted of the others: said often by pages that scroll.
    pub(crate) wishes: Budget,
}

impl Budgets {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            messages: Budget::new(200, 50, now),
            updates: Budget::new(60, 10, now),
            app_messages: Budget::new(100, 30, now),
            offers: Budget::new(20, 4, now),
            wishes: Budget::new(60, 20, now),
        }
    }
}

/// What decides who sees somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) id: ParticipantId,
    is_visible: bool,
    is_owner: bool,
}

/// One stay of one person.
pub(crate) struct Participant {
    pub(crate) id: ParticipantId,
    pub(crate) user_id: Option<String>,
    pub(crate) user_name: String,
    pub(crate) user_data: Option<Value>,
    pub(crate) is_owner: bool,
    pub(crate) joined_at: UnixMillis,
    pub(crate) eject_at: Option<UnixMillis>,
    /// The same on the room's own clock.
    pub(crate) eject_deadline: Option<Instant>,
    pub(crate) permissions: Permissions,
    /// Whether they see and receive owners only while they have no presence.
    is_audience: bool,
    /// How many may be visible beside them, themselves included.
    pub(crate) max_participants: usize,
    pub(crate) resume_secret: String,
    pub(crate) line: Line,
    /// When the room looks whether something is due for them.
    pub(crate) alarm: Alarm,
    pub(crate) budgets: Budgets,
    pub(crate) peer: Option<Peer>,
    /// Whether the peer waits in the room's list to be flushed.
    pub(crate) is_dirty: bool,
    pub(crate) publications: BTreeMap<TrackSource, Publication>,
    pub(crate) capture_clock: CaptureClock,
    pub(crate) slots: Slots,
    pub(crate) wishes: TrackWishes,
    /// Whether they check their devices and network, alone, and receive
    /// themselves.
    pub(crate) is_check: bool,
    /// What they want of videos, and what they are sent.
    pub(crate) receiving: Receiving,
    /// When their bandwidth is shared out, and they are asked for what is wanted
    /// of their own videos, because time has passed. `None`: they see and send none.
    pub(crate) videos_at: Option<Instant>,
    /// When they are asked because something changed.
    pub(crate) layers_news: Pacer,
    /// Whether they say to record the call on their own device.
    pub(crate) is_recording: bool,
    /// How good they say their network is.
    pub(crate) network: NetworkQuality,
}

impl Participant {
    /// Somebody who has just come in by this ticket.
    pub(crate) fn new(arrival: Arrival, now: Instant, wall: UnixMillis) -> Self {
        let Arrival { ticket, user_data, resume_secret, line } = arrival;
        Self {
            id: ticket.participant,
            user_id: ticket.user_id,
            user_name: ticket.user_name,
            user_data,
            is_owner: ticket.is_owner,
            joined_at: wall,
            eject_at: ticket.eject.deadline(wall),
            eject_deadline: None,
            permissions: ticket.permissions,
            is_audience: ticket.is_audience,
            max_participants: ticket.max_participants as usize,
            resume_secret,
            line,
            alarm: Alarm::default(),
            budgets: Budgets::new(now),
            peer: None,
            is_dirty: false,
            publications: BTreeMap::new(),
            capture_clock: CaptureClock::default(),
            slots: Slots::default(),
            wishes: TrackWishes::default(),
            is_check: ticket.is_check,
            receiving: Receiving::default(),
            videos_at: None,
            layers_news: Pacer::default(),
            is_recording: false,
            network: NetworkQuality::Unknown,
        }
    }

    /// The open socket.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        self.line.connection()
    }

    /// Whether the others see this participant.
    pub(crate) fn is_visible(&self) -> bool {
        self.permissions.has_presence
    }

    /// What decides who sees this participant.
    pub(crate) fn sight(&self) -> Sight {
        Sight { id: self.id, is_visible: self.is_visible(), is_owner: self.is_owner }
    }

    /// Whether this participant sees that one. An audience sees owners only;
    /// everybody sees themselves.
    pub(crate) fn sees(&self, other: Sight) -> bool {
        let is_hidden_from_them = self.is_in_audience() && !other.is_owner;
        self.id == other.id || other.is_visible && !is_hidden_from_them
    }

    /// Whether they may administer the others.
    pub(crate) fn is_administrator(&self) -> bool {
        self.administers(AdminArea::Participants)
    }

    /// Whether they may administer this.
    pub(crate) fn administers(&self, area: AdminArea) -> bool {
        self.permissions.can_admin.allows(&area)
    }

    /// Whether they are of an audience now: once visible they are like others.
    pub(crate) fn is_in_audience(&self) -> bool {
        self.is_audience && !self.is_visible()
    }

    /// Whether this track may reach the others. Nobody can show the tracks of
    /// somebody unseen, so those send nothing.
    pub(crate) fn may_send(&self, source: TrackSource) -> bool {
        self.can_be_received() && self.permissions.can_send.allows(&kind_of(source))
    }

    /// Whether anybody could receive what they send: in a check, they do.
    fn can_be_received(&self) -> bool {
        self.is_visible() || self.is_check
    }

    /// Whether this participant may receive the sender's track. The most
    /// specific grant decides: by session, by user, for everybody. That for
    /// everybody reaches, in an audience, no further than the owners.
    pub(crate) fn may_receive(&self, sender: &Self, source: TrackSource) -> bool {
        let grants = &self.permissions.can_receive;
        let by_user = sender.user_id.as_ref().and_then(|user| grants.by_user_id.get(user));
        let grant = grants.by_participant_id.get(&sender.id.to_string()).or(by_user);
        if grant.is_none() && self.is_in_audience() && !sender.is_owner {
            return false;
        }
        is_granted(grant.unwrap_or(&grants.base), source)
    }

    /// Whether this participant is to have a slot for the sender's track.
    pub(crate) fn wants(&self, sender: &Self, source: TrackSource) -> bool {
        let track = SlotTrack { participant: sender.id, source };
        (self.id != sender.id || self.is_check)
            && self.may_receive(sender, source)
            && self.wishes.of(&track) != TrackWish::None
    }

    /// Takes it to heart which tracks wait in their slots. Returns which of
    /// the carried ones changed, and whether they wait now.
    pub(crate) fn restage(&mut self) -> Vec<(usize, SlotTrack, bool)> {
        let Self { slots, wishes, .. } = self;
        let carrying = slots.iter_mut().enumerate();
        carrying
            .filter_map(|(index, slot)| {
                let track = slot.track.clone()?;
                let is_staged = wishes.of(&track) == TrackWish::Staged;
                if std::mem::replace(&mut slot.is_staged, is_staged) == is_staged {
                    return None;
                }
                Some((index, track, is_staged))
            })
            .collect()
    }

    /// Which track arrives on a transceiver.
    pub(crate) fn source_at(&self, mid: Mid) -> Option<TrackSource> {
        self.publications
            .iter()
            .find(|(_, publication)| publication.mid == Some(mid))
            .map(|(source, _)| *source)
    }

    /// Switches off what may not be sent any more: if it may be again, they
    /// have to switch it on themselves, for meanwhile they believe it is off.
    /// Returns the tracks of applications among them, which are gone thereby.
    pub(crate) fn silence_forbidden(&mut self) -> BTreeSet<SlotTrack> {
        let (is_received, can_send) = (self.can_be_received(), &self.permissions.can_send);
        let mut gone = BTreeSet::new();
        for (source, publication) in &mut self.publications {
            if !(is_received && can_send.allows(&kind_of(*source))) {
                publication.switch_off();
                if source.is_custom() && publication.was_sent {
                    gone.insert(SlotTrack { participant: self.id, source: *source });
                }
            }
        }
        gone
    }

    /// When something of videos is due, theirs or those they see.
    pub(crate) fn videos_deadline(&self, now: Instant) -> Option<Instant> {
        let news = [self.receiving.news.deadline(now), self.layers_news.deadline(now)];
        news.into_iter().chain([self.videos_at]).flatten().min()
    }

    /// Whether they send a video now.
    pub(crate) fn sends_video(&self) -> bool {
        self.publications.iter().any(|(source, it)| source.is_video() && it.is_sending())
    }

    /// The tracks others keep slots for.
    pub(crate) fn sent_tracks(&self) -> impl Iterator<Item = SlotTrack> {
        self.publications
            .iter()
            .filter(|(_, publication)| publication.was_sent)
            .map(|(source, _)| SlotTrack { participant: self.id, source: *source })
    }

    /// How the others (and oneself) see this participant.
    pub(crate) fn view(&self) -> ParticipantView {
        ParticipantView {
            id: self.id,
            user_id: self.user_id.clone().unwrap_or_else(|| self.id.to_string()),
            user_name: self.user_name.clone(),
            user_data: self.user_data.clone(),
            is_owner: self.is_owner,
            joined_at: self.joined_at,
            eject_at: self.eject_at,
            permissions: self.permissions.clone(),
            tracks: self.track_states(),
            is_recording: self.is_recording,
            network: self.network,
        }
    }

    /// What the facts say of a stay that begins.
    pub(crate) fn joined_fact(&self) -> Fact {
        Fact::ParticipantJoined {
            participant: self.id,
            user_id: self.user_id.clone(),
            user_name: self.user_name.clone(),
            is_owner: self.is_owner,
            permissions: self.permissions.clone(),
            eject_at: self.eject_at,
        }
    }

    /// What the facts say of a stay that ends at `at`.
    pub(crate) fn left_fact(&self, reason: LeaveReason, at: UnixMillis) -> Fact {
        Fact::ParticipantLeft {
            participant: self.id,
            reason,
            // Behind a clock that was set back, no stay is shorter than none.
            duration_ms: at.millis_since(self.joined_at).max(0),
            joined_at: self.joined_at,
            user_id: self.user_id.clone(),
            user_name: self.user_name.clone(),
            is_owner: self.is_owner,
            permissions: self.permissions.clone(),
            eject_at: self.eject_at,
        }
    }

    fn track_states(&self) -> BTreeMap<TrackSource, TrackState> {
        let state_of = |source| {
            if self.may_send(source) {
                self.publications.get(&source).map(|publication| publication.state)
            } else {
                Some(TrackState::NotPermitted)
            }
        };
        let custom = self.publications.keys().copied().filter(|source| source.is_custom());
        let sources = TrackSource::NAMED.into_iter().chain(custom);
        // An application's track that is off is none.
        let is_shown = |(source, state): &(TrackSource, TrackState)| {
            !source.is_custom() || *state != TrackState::Off
        };
        let states = sources.filter_map(|source| Some((source, state_of(source)?)));
        states.filter(is_shown).collect()
    }
}
