//! Tracks that their senders switch on and off.

use std::collections::BTreeSet;

use parlor_model::call::{MAX_CUSTOM_TRACKS, SlotTrack, TrackSource, TrackState};
use parlor_model::id::ParticipantId;

use super::Room;
use super::message::Rejection;
use crate::participant::Participant;
use crate::publication::Publication;
use crate::select::Choice;

impl Room {
    pub(super) fn publish(
        &mut self,
        from: ParticipantId,
        source: TrackSource,
        said: TrackState,
    ) -> Result<(), Rejection> {
        let Some(participant) = self.participants.get_mut(&from) else {
            return Ok(());
        };
        let state = allowed(participant, source, said);
        if source.is_custom() && !participant.publications.contains_key(&source) {
            match (said, state) {
                (TrackState::Off, _) => return Ok(()),
                (_, TrackState::Off) => return Err("you may not send custom tracks".into()),
                _ => check_custom(participant)?,
            }
        }
        let publication = participant
            .publications
            .entry(source)
            .or_insert_with(|| Publication::new(TrackState::Off));
        // Whoever was switched off and says so is still switched off by another.
        if publication.state == TrackState::OffByRemote && state == TrackState::Off {
            return Ok(());
        }
        let was_sent = publication.was_sent;
        if !publication.set_state(state) {
            return Ok(());
        }
        let is_first = publication.was_sent && !was_sent;
        let track = SlotTrack { participant: from, source };
        if publication.is_sending() {
            if !publication.subscribers.is_empty() && source.is_video() {
                publication.want_keyframe(publication.encoding_for(Choice::ALL));
                self.note_wanting(&track);
            }
        } else {
            publication.forget_keyframes();
        }
        if source.is_custom() && state == TrackState::Off {
            self.take_back(&[track.clone()].into());
        }
        self.tell_updated(from);
        if is_first {
            self.offer_to_everybody(&track);
        }
        if source.is_video() {
            self.note_all_videos();
        }
        self.request_due_keyframes();
        Ok(())
    }

    /// Tracks of an application are gone when they are off: the next has another
    /// name, and nobody keeps a slot for them.
    pub(super) fn take_back(&mut self, tracks: &BTreeSet<SlotTrack>) {
        for track in tracks {
            let Some(sender) = self.participants.get_mut(&track.participant) else {
                continue;
            };
            if let Some(publication) = sender.publications.get_mut(&track.source) {
                publication.withdraw();
                if publication.mid.is_none() {
                    sender.publications.remove(&track.source);
                }
            }
        }
        if !tracks.is_empty() {
            self.release_slots(|carried| tracks.contains(carried));
        }
    }
}

/// What of the sender's word holds.
fn allowed(participant: &Participant, source: TrackSource, said: TrackState) -> TrackState {
    match said {
        // What is not permitted is off, whatever the sender says, and shown as
        // not permitted. Only the room says that.
        _ if !participant.may_send(source) => TrackState::Off,
        // Nor does anybody switch themselves off in another's name.
        TrackState::NotPermitted | TrackState::OffByRemote => TrackState::Off,
        said => said,
    }
}

fn check_custom(participant: &Participant) -> Result<(), Rejection> {
    // Those that have only a transceiver are bounded by the offer.
    let is_taken = |publication: &Publication| {
        publication.state != TrackState::Off || publication.mid.is_none()
    };
    let custom = participant.publications.iter().filter(|(source, _)| source.is_custom());
    if custom.filter(|(_, it)| is_taken(it)).count() >= MAX_CUSTOM_TRACKS {
        return Err(format!("at most {MAX_CUSTOM_TRACKS} custom tracks are taken"));
    }
    Ok(())
}
