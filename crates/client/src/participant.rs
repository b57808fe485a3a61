//! The participant: the one door, and the call as its client sees it.

mod media;
mod negotiate;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use parlor_model::call::{
    ClientMessage, PING_INTERVAL_MS, ParticipantView, RefusalReason, ServerMessage, SlotTrack,
    TrackSource, TrackState, VideoDelivery,
};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use str0m::change::SdpPendingOffer;
use str0m::media::Mid;
use str0m::rtp::Ssrc;
use str0m::{Candidate, Rtc};

use crate::config::{ParticipantConfig, SlotCount};
use crate::io::{Input, Output};
use crate::reception::Reception;
use crate::sender::Sender;

/// How many received messages are kept for [`Participant::messages`].
const KEPT_MESSAGES: usize = 512;

/// Where a participant stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// Not in yet, or the answer is under way.
    Outside,
    /// In the lobby.
    Waiting,
    /// In the room.
    Inside,
    /// Not let in.
    Refused(RefusalReason),
    /// Was in, and is no more; with the room's reason if it was the room's act.
    Gone(Option<LeaveReason>),
}

/// A receive-only transceiver and what it carries.
struct Slot {
    mid: Mid,
    is_video: bool,
    track: Option<SlotTrack>,
    reception: Reception,
}

/// A headless participant of a call.
pub struct Participant {
    config: ParticipantConfig,
    rtc: Rtc,
    rtc_deadline: Instant,
    is_connected: bool,
    presence: Presence,
    me: Option<ParticipantView>,
    resume_secret: Option<String>,
    others: IndexMap<ParticipantId, ParticipantView>,
    active_speaker: Option<ParticipantId>,
    messages: VecDeque<ServerMessage>,
    deliveries: BTreeMap<(ParticipantId, TrackSource), VideoDelivery>,
    senders: Vec<Sender>,
    slots: Vec<Slot>,
    streams: Vec<(Ssrc, usize)>,
    wanted: SlotCount,
    pending: Option<SdpPendingOffer>,
    is_open: bool,
    ping_at: Option<Instant>,
    outputs: VecDeque<Output>,
}

impl Participant {
    /// Somebody outside, who waits for [`Input::Opened`].
    #[must_use]
    pub fn new(config: ParticipantConfig, now: Instant) -> Self {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        if let Ok(candidate) = Candidate::host(config.address, "udp") {
            rtc.add_local_candidate(candidate);
        }
        let senders = config.tracks.iter().map(|track| Sender::new(track, now));
        Self {
            senders: senders.collect(),
            wanted: config.slots,
            rtc,
            rtc_deadline: now,
            is_connected: false,
            presence: Presence::Outside,
            me: None,
            resume_secret: None,
            others: IndexMap::new(),
            active_speaker: None,
            messages: VecDeque::new(),
            deliveries: BTreeMap::new(),
            slots: Vec::new(),
            streams: Vec::new(),
            pending: None,
            is_open: false,
            ping_at: None,
            outputs: VecDeque::new(),
            config,
        }
    }

    /// Takes something that happened. Poll until empty afterwards.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Opened => self.handle_opened(now),
            Input::Closed => self.is_open = false,
            Input::Message(message) => self.handle_message(now, *message),
            Input::Datagram { source, bytes } => self.handle_datagram(now, source, bytes),
            Input::Timeout => self.handle_timeout(now),
        }
    }

    /// The next thing to send.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        if matches!(self.presence, Presence::Gone(_) | Presence::Refused(_)) {
            return None;
        }
        let ping = self.ping_at.filter(|_| self.is_open);
        let frames = self.next_frame();
        [Some(self.rtc_deadline), ping, frames].into_iter().flatten().min()
    }

    /// Switches a scripted track on or off.
    pub fn publish(&mut self, now: Instant, source: TrackSource, is_on: bool) {
        let sender = self.senders.iter_mut().find(|sender| sender.source == source);
        let Some(sender) = sender else { return };
        if is_on && !sender.is_on {
            sender.resume(now);
        }
        sender.is_on = is_on;
        self.announce(source, is_on);
    }

    /// How many keyframes the room asked for of each stream of a track.
    #[must_use]
    pub fn keyframe_requests(&self, source: TrackSource) -> Vec<u64> {
        self.sender(source).map(Sender::keyframe_requests).unwrap_or_default()
    }

    /// The names of the encodings of a track that are sent.
    #[must_use]
    pub fn active_encodings(&self, source: TrackSource) -> Vec<&'static str> {
        self.sender(source).map(Sender::active).unwrap_or_default()
    }

    /// What the room says to send of a video.
    #[must_use]
    pub fn delivery(&self, from: ParticipantId, source: TrackSource) -> Option<&VideoDelivery> {
        self.deliveries.get(&(from, source))
    }

    /// From now on the longest pause of each reception counts anew.
    pub fn restart_pauses(&mut self, now: Instant) {
        self.slots.iter_mut().for_each(|slot| slot.reception.restart_pauses(now));
    }

    /// Sends just these encodings of a track, until the room says otherwise.
    pub fn send_only(&mut self, now: Instant, source: TrackSource, rids: &[String]) {
        if let Some(sender) = self.senders.iter_mut().find(|sender| sender.source == source) {
            sender.want_only(now, rids);
        }
    }

    fn sender(&self, source: TrackSource) -> Option<&Sender> {
        self.senders.iter().find(|sender| sender.source == source)
    }

    /// Changes how loud the microphone's script is.
    pub fn set_level(&mut self, level: i8) {
        for sender in &mut self.senders {
            sender.set_level(level);
        }
    }

    /// Says anything on the call socket.
    pub fn say(&mut self, message: ClientMessage) {
        if self.is_open {
            self.outputs.push_back(Output::Message(message));
        }
    }

    /// Says goodbye.
    pub fn leave(&mut self) {
        self.say(ClientMessage::Leave);
        self.presence = Presence::Gone(None);
    }

    /// Where it stands.
    #[must_use]
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Whether media flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Itself, as the room sees it.
    #[must_use]
    pub fn me(&self) -> Option<&ParticipantView> {
        self.me.as_ref()
    }

    /// The others, in order of joining.
    pub fn others(&self) -> impl Iterator<Item = &ParticipantView> {
        self.others.values()
    }

    /// Who spoke last.
    #[must_use]
    pub fn active_speaker(&self) -> Option<ParticipantId> {
        self.active_speaker
    }

    /// The latest messages of the room, oldest first.
    pub fn messages(&self) -> impl Iterator<Item = &ServerMessage> {
        self.messages.iter()
    }

    /// What arrives of somebody's track; `None` while no slot carries it.
    #[must_use]
    pub fn reception(&self, participant: ParticipantId, source: TrackSource) -> Option<&Reception> {
        let track = SlotTrack { participant, source };
        self.slots
            .iter()
            .find(|slot| slot.track.as_ref() == Some(&track))
            .map(|slot| &slot.reception)
    }

    /// What arrives in each slot.
    pub fn receptions(&self) -> impl Iterator<Item = (Option<&SlotTrack>, &Reception)> {
        self.slots.iter().map(|slot| (slot.track.as_ref(), &slot.reception))
    }

    fn handle_opened(&mut self, now: Instant) {
        self.is_open = true;
        self.ping_at = Some(now + ping_interval());
        let message = match (&self.me, &self.resume_secret) {
            (Some(me), Some(secret)) => {
                ClientMessage::Resume { participant: me.id, secret: secret.clone() }
            }
            _ => ClientMessage::Hello {
                ticket: self.config.ticket.clone(),
                user_data: self.config.user_data.clone(),
            },
        };
        self.say(message);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.is_open && self.ping_at.is_some_and(|at| at <= now) {
            self.ping_at = Some(now + ping_interval());
            self.say(ClientMessage::Ping);
        }
        self.play(now);
        self.drive(now);
        self.judge(now);
    }

    fn handle_message(&mut self, now: Instant, message: ServerMessage) {
        if self.messages.len() == KEPT_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(message.clone());
        match message {
            ServerMessage::Welcome { .. } => self.enter(now, message),
            ServerMessage::Waiting { participant, resume_secret, .. } => {
                self.presence = Presence::Waiting;
                self.me = Some(participant);
                self.resume_secret = Some(resume_secret);
            }
            ServerMessage::Refused { reason, .. } => self.presence = Presence::Refused(reason),
            ServerMessage::Answer { sdp } => self.handle_answer(now, &sdp),
            ServerMessage::SlotsWanted { audio, video } => self.want_slots(now, audio, video),
            ServerMessage::Slots { slots } => self.assign(slots),
            ServerMessage::ParticipantJoined { participant } => {
                self.others.insert(participant.id, participant);
            }
            ServerMessage::ParticipantUpdated { participant } => self.update(participant),
            ServerMessage::ParticipantLeft { id, .. } => {
                self.others.shift_remove(&id);
            }
            ServerMessage::ActiveSpeaker { participant } => self.active_speaker = Some(participant),
            ServerMessage::LayersWanted { source, rids } => self.send_only(now, source, &rids),
            ServerMessage::VideoDeliveries { deliveries } => {
                for delivery in deliveries {
                    let track = (delivery.participant, delivery.source);
                    self.deliveries.insert(track, delivery);
                }
            }
            ServerMessage::Removed { reason } => self.presence = Presence::Gone(Some(reason)),
            ServerMessage::AppMessage { .. }
            | ServerMessage::HiddenCount { .. }
            | ServerMessage::MeetingChanged { .. }
            | ServerMessage::SessionData { .. }
            | ServerMessage::Rejected { .. }
            | ServerMessage::HostPresence { .. }
            | ServerMessage::WaitingAdded { .. }
            | ServerMessage::WaitingUpdated { .. }
            | ServerMessage::WaitingRemoved { .. }
            | ServerMessage::MediaRequested { .. }
            | ServerMessage::Pong => {}
        }
    }

    fn enter(&mut self, now: Instant, welcome: ServerMessage) {
        let ServerMessage::Welcome {
            participant,
            is_resumed,
            resume_secret,
            participants,
            slots,
            active_speaker,
            ..
        } = welcome
        else {
            return;
        };
        let was_inside =
            std::mem::replace(&mut self.presence, Presence::Inside) == Presence::Inside;
        self.me = Some(participant);
        self.resume_secret = Some(resume_secret);
        self.others = participants.into_iter().map(|other| (other.id, other)).collect();
        self.active_speaker = active_speaker;
        // Whoever was let in while their socket was away has nothing to go on with.
        if is_resumed && was_inside {
            self.assign(slots);
            return;
        }
        for index in 0..self.senders.len() {
            let Sender { source, is_on, .. } = self.senders[index];
            if is_on {
                self.announce(source, true);
            }
        }
        self.offer(now);
    }

    fn update(&mut self, view: ParticipantView) {
        if self.me.as_ref().is_some_and(|me| me.id == view.id) {
            self.me = Some(view);
        } else {
            self.others.insert(view.id, view);
        }
    }

    fn announce(&mut self, source: TrackSource, is_on: bool) {
        let state = if is_on { TrackState::Sending } else { TrackState::Off };
        self.say(ClientMessage::Publish { source, state });
    }
}

fn ping_interval() -> Duration {
    Duration::from_millis(u64::from(PING_INTERVAL_MS))
}
