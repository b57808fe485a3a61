//! Offers and answers: transceivers to send on, slots to receive in.

use std::net::SocketAddr;
use std::time::Instant;

use parlor_model::call::{ClientMessage, SendTransceiver, SlotAssignment};
use str0m::Candidate;
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, MediaKind, Mid};

use super::{Participant, Slot};
use crate::reception::Reception;

impl Participant {
    /// Offers everything that is not negotiated yet.
    pub(super) fn offer(&mut self, now: Instant) {
        if self.pending.is_some() {
            return;
        }
        let mut api = self.rtc.sdp_api();
        for sender in self.senders.iter_mut().filter(|sender| sender.mid.is_none()) {
            let kind = if sender.source.is_video() { MediaKind::Video } else { MediaKind::Audio };
            let simulcast = sender.simulcast();
            sender.mid = Some(api.add_media(kind, Direction::SendOnly, None, None, simulcast));
        }
        for is_video in [false, true] {
            let wanted = if is_video { self.wanted.video } else { self.wanted.audio };
            let kind = if is_video { MediaKind::Video } else { MediaKind::Audio };
            let present = self.slots.iter().filter(|slot| slot.is_video == is_video).count();
            for _ in present..wanted {
                let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                let reception = Reception::default();
                self.slots.push(Slot { mid, is_video, track: None, reception });
            }
        }
        let Some((offer, pending)) = api.apply() else {
            return;
        };
        self.pending = Some(pending);
        self.drive(now);
        self.say_offer(&offer);
    }

    fn say_offer(&mut self, offer: &SdpOffer) {
        let sends = self.senders.iter().filter_map(|sender| {
            Some(SendTransceiver { mid: sender.mid?.to_string(), source: sender.source })
        });
        self.say(ClientMessage::Offer {
            sdp: offer.to_sdp_string(),
            sends: sends.collect(),
            slots: self.slots.iter().map(|slot| slot.mid.to_string()).collect(),
        });
    }

    /// Goes on from another address, as after a change of network: restarts ICE.
    /// Nothing happens while an offer is under way.
    pub fn relocate(&mut self, now: Instant, address: SocketAddr) {
        if self.pending.is_some() {
            return;
        }
        if let Ok(old) = Candidate::host(self.config.address, "udp") {
            self.rtc.direct_api().invalidate_candidate(&old);
        }
        if let Ok(new) = Candidate::host(address, "udp") {
            self.rtc.add_local_candidate(new);
        }
        self.config.address = address;
        self.drive(now);
        let mut api = self.rtc.sdp_api();
        api.ice_restart(true);
        if let Some((offer, pending)) = api.apply() {
            self.pending = Some(pending);
            self.drive(now);
            self.say_offer(&offer);
        }
    }

    pub(super) fn handle_answer(&mut self, now: Instant, sdp: &str) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        let answer = match SdpAnswer::from_sdp_string(sdp) {
            Ok(answer) => answer,
            Err(error) => return tracing::warn!(%error, "the answer cannot be parsed"),
        };
        if let Err(error) = self.rtc.sdp_api().accept_answer(pending, answer) {
            return tracing::warn!(%error, "the answer does not fit");
        }
        self.streams.clear();
        self.drive(now);
        // Slots may have been asked for in the meantime.
        self.offer(now);
    }

    pub(super) fn want_slots(&mut self, now: Instant, audio: usize, video: usize) {
        self.wanted.audio = self.wanted.audio.max(audio);
        self.wanted.video = self.wanted.video.max(video);
        self.offer(now);
    }

    pub(super) fn assign(&mut self, assignments: Vec<SlotAssignment>) {
        for assignment in assignments {
            let mid = Mid::from(assignment.mid.as_str());
            if let Some(slot) = self.slots.iter_mut().find(|slot| slot.mid == mid) {
                slot.track = assignment.track;
            }
        }
    }
}
