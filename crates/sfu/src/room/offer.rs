//! Negotiation: answering offers, and noting what their transceivers are for.

use std::collections::{BTreeMap, BTreeSet};

use parlor_model::call::{
    MAX_CUSTOM_TRACKS, SendTransceiver, ServerMessage, TrackSource, TrackState,
};
use parlor_model::id::ParticipantId;
use str0m::media::Mid;

use super::Room;
use super::message::Rejection;
use crate::io::{Output, RouteChange};
use crate::offer::{count_transceivers, session_id};
use crate::peer::{Peer, PeerError};
use crate::publication::Publication;

/// Longest `a=mid` the library tells apart.
const MAX_MID_BYTES: usize = 16;

impl Room {
    pub(super) fn handle_offer(
        &mut self,
        from: ParticipantId,
        sdp: &str,
        sends: &[SendTransceiver],
        slots: &[String],
    ) -> Result<(), Rejection> {
        self.check_offer(sdp, sends, slots)?;
        let session = session_id(sdp).ok_or("the offer has no o= line")?;
        self.settle(from);
        let is_new = self.ensure_peer(from, session);
        let answer = match self.accept_offer(from, sdp) {
            Ok(answer) => answer,
            Err(error) => {
                // A connection that never worked is not kept; one that did goes on.
                if is_new || matches!(error, PeerError::Broken) {
                    self.drop_peer(from);
                }
                return Err(error.to_string());
            }
        };
        if is_new {
            self.assume_bandwidth(from);
        }
        self.apply_transceivers(from, sends, slots);
        self.note_wanting_of(from);
        self.send(from, ServerMessage::Answer { sdp: answer });
        self.mark_dirty(from);
        let tracks = if is_new { self.tracks_for(from) } else { self.unserved_of(from) };
        self.give_tracks(from, tracks, Vec::new());
        self.request_due_keyframes();
        Ok(())
    }

    fn check_offer(
        &self,
        sdp: &str,
        sends: &[SendTransceiver],
        slots: &[String],
    ) -> Result<(), Rejection> {
        let limits = &self.config.limits;
        if sdp.len() > limits.offer_bytes {
            return Err(format!("an offer is at most {} bytes", limits.offer_bytes));
        }
        let transceivers = count_transceivers(sdp).max(sends.len() + slots.len());
        if transceivers > limits.transceivers {
            return Err(format!("an offer has at most {} transceivers", limits.transceivers));
        }
        let custom: BTreeSet<_> =
            sends.iter().map(|it| it.source).filter(|it| it.is_custom()).collect();
        if custom.len() > MAX_CUSTOM_TRACKS {
            return Err(format!("at most {MAX_CUSTOM_TRACKS} custom tracks are taken"));
        }
        let mut mids = sends.iter().map(|send| &send.mid).chain(slots);
        if mids.any(|mid| mid.is_empty() || mid.len() > MAX_MID_BYTES) {
            return Err(format!("a mid has 1 to {MAX_MID_BYTES} characters"));
        }
        Ok(())
    }

    /// Makes a peer for a new `RTCPeerConnection`; keeps it for one that is
    /// negotiated again. `true`: it is new.
    fn ensure_peer(&mut self, id: ParticipantId, session: &str) -> bool {
        let Some(participant) = self.participants.get(&id) else {
            return false;
        };
        if participant.peer.as_ref().is_some_and(|peer| peer.session() == session) {
            return false;
        }
        self.drop_peer(id);
        let credentials = self.secrets.ice_credentials(&self.config.ufrag_prefix);
        let peer = Peer::new(&self.config, credentials, session.to_owned(), self.now);
        if let Some(participant) = self.participants.get_mut(&id) {
            participant.peer = Some(peer);
        }
        true
    }

    /// Forgets a participant's transport and everything that lay on it.
    pub(super) fn drop_peer(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        if participant.peer.take().is_none() {
            return;
        }
        for publication in participant.publications.values_mut() {
            publication.set_mid(None, &[]);
        }
        let slots = participant.slots.clear();
        self.close_receiver(id);
        for track in slots.into_iter().filter_map(|slot| slot.track) {
            self.unsubscribe(id, &track);
        }
        self.outputs.push_back(Output::Route(RouteChange::Gone(id)));
    }

    fn accept_offer(&mut self, id: ParticipantId, sdp: &str) -> Result<String, PeerError> {
        let participant = self.participants.get_mut(&id);
        let peer = participant.and_then(|participant| participant.peer.as_mut());
        let peer = peer.ok_or(PeerError::Broken)?;
        let answer = peer.accept_offer(sdp)?;
        let route = RouteChange::Ufrag(peer.ufrag(), id);
        self.outputs.push_back(Output::Route(route));
        Ok(answer)
    }

    /// Notes what the transceivers of an accepted offer are for.
    fn apply_transceivers(
        &mut self,
        id: ParticipantId,
        sends: &[SendTransceiver],
        slots: &[String],
    ) {
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        let Some(peer) = &participant.peer else {
            return;
        };
        for send in sends {
            let mid = Mid::from(send.mid.as_str());
            if peer.is_video(mid) == Some(send.source.is_video()) {
                release_mid(&mut participant.publications, mid, send.source);
                participant
                    .publications
                    .entry(send.source)
                    .or_insert_with(|| Publication::new(TrackState::Off))
                    .set_mid(Some(mid), &peer.encodings(mid));
            }
        }
        for name in slots {
            if let Some(is_video) = peer.is_video(Mid::from(name.as_str())) {
                participant.slots.add(name, is_video, || self.secrets.beginning());
            }
        }
        self.set_up_streams(id);
    }
}

/// A transceiver carries one track: what it was for before arrives nowhere, and
/// is forgotten if nobody knows of it.
fn release_mid(
    publications: &mut BTreeMap<TrackSource, Publication>,
    mid: Mid,
    source: TrackSource,
) {
    publications.retain(|other, publication| {
        if *other != source && publication.mid == Some(mid) {
            publication.set_mid(None, &[]);
        }
        let is_known = publication.state != TrackState::Off || publication.was_sent;
        !other.is_custom() || is_known || publication.mid.is_some()
    });
}
