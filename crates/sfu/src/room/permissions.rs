//! What people may do from now on: changes of permissions in a running call,
//! and all that follows from them at once. What may not be sent any more is
//! switched off; what may not be received loses its slot; who loses presence
//! is gone for the others, and who gains it comes in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parlor_model::call::ServerMessage;
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::permission::PermissionChange;

use super::Room;
use crate::participant::{Participant, Sight};
use crate::size::size_of;

/// How much of changed views is shown at once, and the time until the next:
/// well within what a call socket holds for its client. More shows a change
/// for a large room sooner; less spares slow networks.
const VIEWS_AT_ONCE_BYTES: usize = 256 * 1024;
const VIEWS_PAUSE: Duration = Duration::from_millis(50);

/// What a view holds beside the permissions, roughly.
const OTHER_VIEW_BYTES: usize = 400;

impl Room {
    /// Changes the permissions of those named, and of everybody else.
    pub(super) fn update_permissions(
        &mut self,
        everybody: Option<&PermissionChange>,
        named: &BTreeMap<ParticipantId, PermissionChange>,
    ) {
        let here: Vec<_> = self.participants.keys().copied().collect();
        let administrators = self.administrators();
        let mut changed = Vec::new();
        for id in here {
            let change = named.get(&id).or(everybody);
            if change.is_some_and(|change| self.change_permissions(id, change)) {
                changed.push(id);
            }
        }
        // Not before all have changed: a meeting goes on if one takes the
        // other's place, and tracks are looked for once.
        for id in changed {
            self.refresh_tracks(id);
        }
        self.note_hidden();
        self.end_meeting_if_over();
        self.request_due_keyframes();
        self.tell_views();
        self.tell_changed_administrators(&administrators);
    }

    /// Shows everybody whose views changed. Everybody sees everybody, so a
    /// change for all is shown piece by piece: it holds from the beginning.
    pub(super) fn tell_views(&mut self) {
        if !self.views_news.take(self.now, VIEWS_PAUSE) {
            return;
        }
        let mut bytes = 0;
        while bytes < VIEWS_AT_ONCE_BYTES
            && let Some(id) = self.stale_views.pop_first()
        {
            let permissions = self.participants.get(&id).map(|it| size_of(&it.permissions));
            bytes += permissions.unwrap_or(0) + OTHER_VIEW_BYTES;
            self.tell_updated(id);
        }
        if !self.stale_views.is_empty() {
            self.views_news.note();
        }
    }

    /// `true`: something changed.
    fn change_permissions(&mut self, id: ParticipantId, change: &PermissionChange) -> bool {
        let is_full = self.is_full_for(id);
        let Some(participant) = self.participants.get_mut(&id) else {
            return false;
        };
        let was_visible = participant.is_visible();
        let mut permissions = participant.permissions.clone();
        permissions.apply(change);
        // A full room is not overfilled this way either.
        permissions.has_presence &= was_visible || !is_full;
        if permissions == participant.permissions {
            return false;
        }
        let is_visible = permissions.has_presence;
        if was_visible && !is_visible {
            self.hide(id);
        }
        if let Some(participant) = self.participants.get_mut(&id) {
            participant.permissions = permissions;
            let gone = participant.silence_forbidden();
            self.take_back(&gone);
        }
        if is_visible && !was_visible {
            self.show(id);
        } else {
            self.stale_views.insert(id);
            self.views_news.note();
        }
        true
    }

    /// Whether as many are visible as may be beside this participant.
    fn is_full_for(&self, id: ParticipantId) -> bool {
        let visible = self.participants.values().filter(|other| other.is_visible()).count();
        self.participants.get(&id).is_some_and(|it| visible >= it.max_participants)
    }

    /// Somebody is about to lose presence: for the others they leave, and an
    /// audience sees owners only.
    fn hide(&mut self, id: ParticipantId) {
        let Some(mut participant) = self.participants.shift_remove(&id) else {
            return;
        };
        self.speakers.remove(id);
        for publication in participant.publications.values_mut() {
            publication.withdraw();
        }
        self.tell_unseen(&participant, LeaveReason::Hidden);
        let before = self.seen_by(&participant);
        participant.permissions.has_presence = false;
        let after: BTreeSet<_> = self.seen_by(&participant).into_iter().collect();
        self.participants.insert(id, participant);
        for gone in before.into_iter().filter(|seen| !after.contains(seen)) {
            let message = ServerMessage::ParticipantLeft { id: gone, reason: LeaveReason::Hidden };
            self.send(id, message);
        }
        self.release_slots(|track| track.participant == id);
    }

    /// Somebody has gained presence: a stay begins, last in order.
    fn show(&mut self, id: ParticipantId) {
        let wall = self.wall();
        let Some(mut participant) = self.participants.shift_remove(&id) else {
            return;
        };
        participant.joined_at = wall;
        let after = self.seen_by(&participant);
        participant.permissions.has_presence = false;
        let before: BTreeSet<_> = self.seen_by(&participant).into_iter().collect();
        participant.permissions.has_presence = true;
        let view = participant.view();
        self.participants.insert(id, participant);
        self.send(id, ServerMessage::ParticipantUpdated { participant: view });
        for new in after.into_iter().filter(|seen| !before.contains(seen)) {
            if let Some(view) = self.participants.get(&new).map(Participant::view) {
                self.send(id, ServerMessage::ParticipantJoined { participant: view });
            }
        }
        self.tell_visible(id);
    }

    fn seen_by(&self, viewer: &Participant) -> Vec<ParticipantId> {
        let seen = |sight: &Sight| viewer.sees(*sight);
        let others = self.participants.values().filter(|other| other.id != viewer.id);
        others.map(Participant::sight).filter(seen).map(|sight| sight.id).collect()
    }
}
