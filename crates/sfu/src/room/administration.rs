//! What administrators do to others: whoever `can_admin` the participants.
//!
//! - They switch microphones, cameras and shared screens off, at once. Only
//!   owners may ask for a microphone or camera to be switched on; whose it is
//!   has a client that does so without another question, if the browser lets it.
//! - They remove people and change permissions, but never those of an owner:
//!   that is for owners. Their own permissions only owners change: others would
//!   take back what was withheld from them.
//! - They hand on no area of administration that they do not have.
//!
//! A message that names somebody it may not touch is refused as a whole; what
//! is said of everybody else passes by those. It also passes by whom the
//! administrator does not see, unless an owner says it: a recorder is not sent
//! away with the others, and nobody hidden is brought to light by chance.

use std::collections::BTreeMap;

use parlor_model::call::{
    MAX_MAP_ENTRIES, ParticipantChange, ServerMessage, TrackSource, TrackState, unseen_sender,
};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::permission::{
    AdminArea, Grant, MAX_PERMISSION_CHANGE_BYTES, PermissionChange, Permissions,
};

use super::Room;
use super::message::Rejection;
use crate::participant::Participant;
use crate::size::is_within;

/// What is to happen to whom.
type Changes = BTreeMap<ParticipantId, ParticipantChange>;

/// Who asks, and how far they may go.
struct Administrator {
    id: ParticipantId,
    is_owner: bool,
    permissions: Permissions,
}

impl Room {
    pub(super) fn update_participants(
        &mut self,
        from: ParticipantId,
        everybody: Option<&ParticipantChange>,
        named: &Changes,
    ) -> Result<(), Rejection> {
        let administrator = self.administrator(from)?;
        check_size(named.len())?;
        administrator.check_own(named)?;
        for change in named.values().chain(everybody) {
            administrator.check(change)?;
        }
        let changes = self.changes(&administrator, everybody, named)?;
        self.switch_off_and_ask(from, &changes);
        let permissions =
            changes.iter().filter_map(|(id, change)| Some((*id, change.permissions.clone()?)));
        self.update_permissions(None, &permissions.collect());
        let ejected = changes.iter().filter(|(_, change)| change.is_ejected);
        let ejected: Vec<_> = ejected.map(|(id, _)| *id).collect();
        self.remove_all(&ejected, LeaveReason::Ejected);
        Ok(())
    }

    /// Somebody who may administer the others.
    fn administrator(&self, id: ParticipantId) -> Result<Administrator, Rejection> {
        let participant = self.participants.get(&id).filter(|it| it.is_administrator());
        let participant =
            participant.ok_or("your permissions do not include canAdmin participants")?;
        Ok(Administrator {
            id,
            is_owner: participant.is_owner,
            permissions: participant.permissions.clone(),
        })
    }

    /// Refuses whoever may not administer the others.
    pub(super) fn check_administrator(&self, id: ParticipantId) -> Result<(), Rejection> {
        self.administrator(id).map(|_| ())
    }

    /// What is to happen to whom of those who are here.
    fn changes(
        &self,
        administrator: &Administrator,
        everybody: Option<&ParticipantChange>,
        named: &Changes,
    ) -> Result<Changes, Rejection> {
        let asker = self.participants.get(&administrator.id);
        let reaches = |target: &Participant| {
            let is_seen = asker.is_some_and(|asker| asker.sees(target.sight()));
            target.id != administrator.id && (administrator.is_owner || is_seen)
        };
        let mut changes = BTreeMap::new();
        for target in self.participants.values() {
            if let Some(change) = named.get(&target.id) {
                if !administrator.may_touch(target, change) {
                    return Err("only owners may remove owners or change their permissions".into());
                }
                changes.insert(target.id, change.clone());
            } else if let Some(change) = everybody
                && reaches(target)
                && administrator.may_touch(target, change)
            {
                changes.insert(target.id, change.clone());
            }
        }
        Ok(changes)
    }

    fn switch_off_and_ask(&mut self, by: ParticipantId, changes: &Changes) {
        for (id, change) in changes {
            let screen = change.screen_share;
            for (source, is_on) in [
                (TrackSource::CamAudio, change.audio),
                (TrackSource::CamVideo, change.video),
                (TrackSource::ScreenVideo, screen),
                (TrackSource::ScreenAudio, screen),
            ] {
                match is_on {
                    Some(true) => self.ask_for(*id, source, by),
                    Some(false) => self.switch_off(*id, source, by),
                    None => {}
                }
            }
        }
        self.tell_views();
    }

    /// Asks a client to switch a device on. Nothing is sent on before it says
    /// that it has, but ours does at once: that is why only owners may ask.
    fn ask_for(&mut self, id: ParticipantId, source: TrackSource, by: ParticipantId) {
        let may_send = self.participants.get(&id).is_some_and(|it| it.may_send(source));
        if may_send {
            self.request_media(id, source, true, by);
        }
    }

    /// Stops a track here, whatever its sender's client makes of the request.
    fn switch_off(&mut self, id: ParticipantId, source: TrackSource, by: ParticipantId) {
        let publication =
            self.participants.get_mut(&id).and_then(|it| it.publications.get_mut(&source));
        let Some(publication) = publication.filter(|it| it.is_sending()) else {
            return;
        };
        publication.set_state(TrackState::OffByRemote);
        publication.forget_keyframes();
        self.request_media(id, source, false, by);
        self.stale_views.insert(id);
        self.views_news.note();
    }

    fn request_media(
        &mut self,
        id: ParticipantId,
        source: TrackSource,
        is_on: bool,
        by: ParticipantId,
    ) {
        // Who is hidden stays hidden.
        let is_visible = self.participants.get(&by).is_some_and(Participant::is_visible);
        let by = if is_visible { by } else { unseen_sender(self.config.room) };
        self.send(id, ServerMessage::MediaRequested { source, is_on, by });
    }
}

impl Administrator {
    /// Whether anybody in this position may ask for this at all.
    fn check(&self, change: &ParticipantChange) -> Result<(), Rejection> {
        if change.screen_share == Some(true) {
            return Err("a screen can only be shared by whose screen it is".into());
        }
        let is_on = [change.audio, change.video].contains(&Some(true));
        if is_on && !self.is_owner {
            return Err("only owners may ask for microphones and cameras".into());
        }
        change.permissions.as_ref().map_or(Ok(()), |permissions| self.check_grants(permissions))
    }

    /// Refuses changes of one's own permissions, but from owners.
    fn check_own(&self, named: &Changes) -> Result<(), Rejection> {
        let own = named.get(&self.id).and_then(|change| change.permissions.as_ref());
        if own.is_some() && !self.is_owner {
            return Err("only owners may change their own permissions".into());
        }
        Ok(())
    }

    fn check_grants(&self, change: &PermissionChange) -> Result<(), Rejection> {
        if !is_within(change, MAX_PERMISSION_CHANGE_BYTES) {
            return Err(format!("permissions are at most {MAX_PERMISSION_CHANGE_BYTES} bytes"));
        }
        if !change.is_well_formed() {
            return Err("canReceive holds what is no kind of media".into());
        }
        let granted = |area: &AdminArea| {
            change.can_admin.as_ref().is_some_and(|grant: &Grant<AdminArea>| grant.allows(area))
        };
        let beyond = AdminArea::ALL
            .iter()
            .any(|area| granted(area) && !self.permissions.can_admin.allows(area));
        if beyond {
            return Err("canAdmin can only be granted as far as you have it".into());
        }
        Ok(())
    }

    /// Whether this may happen to this one.
    fn may_touch(&self, target: &Participant, change: &ParticipantChange) -> bool {
        let is_harmless = !change.is_ejected && change.permissions.is_none();
        self.is_owner || !target.is_owner || is_harmless
    }
}

/// Refuses maps with more entries than a message may have.
pub(super) fn check_size(entries: usize) -> Result<(), Rejection> {
    if entries > MAX_MAP_ENTRIES {
        return Err(format!("at most {MAX_MAP_ENTRIES} entries are taken"));
    }
    Ok(())
}
