//! What a participant may do in a call (Daily's `permissions` property), in
//! our own words. The spelling of the wire, both REST and token claims, lives
//! in `rest::permissions`; the merge of domain, room and token in `property`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A kind of media somebody may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum MediaKind {
    /// The microphone.
    Audio,
    /// The camera.
    Video,
    /// The picture of a shared screen.
    ScreenVideo,
    /// The sound of a shared screen.
    ScreenAudio,
    /// Video tracks an application brings.
    CustomVideo,
    /// Audio tracks an application brings.
    CustomAudio,
}

/// An area of administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum AdminArea {
    /// Mute, remove, let in, change permissions.
    Participants,
    /// Recording and live streaming.
    Streaming,
    /// Transcription.
    Transcription,
}

impl AdminArea {
    /// All areas.
    pub const ALL: [Self; 3] = [Self::Participants, Self::Streaming, Self::Transcription];
}

/// All, none or some of a closed set. On the wire: `true`, `false` or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Grant<T: Ord> {
    /// `true` is all, `false` none.
    Whole(bool),
    /// Just these.
    Some(BTreeSet<T>),
}

impl<T: Ord> Grant<T> {
    /// Whether `item` is granted.
    pub fn allows(&self, item: &T) -> bool {
        match self {
            Self::Whole(all) => *all,
            Self::Some(set) => set.contains(item),
        }
    }
}

/// What one may receive from one sender. On the wire: a boolean, or an object
/// of the kinds that differ from the default (`true`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum ReceiveGrant {
    /// Everything, or nothing.
    Whole(bool),
    /// By kind of media, keyed by the wire's names. Custom kinds hold a map of
    /// track name (or `*`) to boolean.
    ByKind(BTreeMap<String, Value>),
}

impl ReceiveGrant {
    /// Whether it names kinds of media only, and nothing deeper than tracks by
    /// name.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::ByKind(kinds) => kinds.iter().all(|(kind, grant)| match kind.as_str() {
                "audio" | "video" | "screenAudio" | "screenVideo" => grant.is_boolean(),
                "customAudio" | "customVideo" => {
                    let by_name = grant.as_object();
                    grant.is_boolean()
                        || by_name.is_some_and(|it| it.values().all(Value::is_boolean))
                }
                _ => false,
            }),
        }
    }
}

/// Whose media one may receive. Look-up order: participant, user, base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CanReceive {
    /// From everybody not named below.
    pub base: ReceiveGrant,
    /// By the sender's `user_id`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_user_id: BTreeMap<String, ReceiveGrant>,
    /// By the sender's session id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_participant_id: BTreeMap<String, ReceiveGrant>,
}

/// The whole set for one participant. Serialised with Daily's own field names,
/// because daily-js hands this object to applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// Whether the others see this participant.
    pub has_presence: bool,
    /// What this participant may send.
    pub can_send: Grant<MediaKind>,
    /// What this participant may receive.
    pub can_receive: CanReceive,
    /// What this participant may administer.
    pub can_admin: Grant<AdminArea>,
}

impl Permissions {
    /// What a plain participant may do when nothing is configured.
    #[must_use]
    pub fn participant() -> Self {
        Self {
            has_presence: true,
            can_send: Grant::Whole(true),
            can_receive: CanReceive {
                base: ReceiveGrant::Whole(true),
                by_user_id: BTreeMap::new(),
                by_participant_id: BTreeMap::new(),
            },
            can_admin: Grant::Whole(false),
        }
    }

    /// What a meeting owner may do: everything.
    #[must_use]
    pub fn owner() -> Self {
        Self { can_admin: Grant::Whole(true), ..Self::participant() }
    }

    /// Carries out a change: what is given replaces, what is not stays.
    pub fn apply(&mut self, change: &PermissionChange) {
        let PermissionChange { has_presence, can_send, can_receive, can_admin } = change;
        replace(&mut self.has_presence, has_presence.as_ref());
        replace(&mut self.can_send, can_send.as_ref());
        replace(&mut self.can_admin, can_admin.as_ref());
        if let Some(CanReceiveChange { base, by_user_id, by_participant_id }) = can_receive {
            replace(&mut self.can_receive.base, base.as_ref());
            replace(&mut self.can_receive.by_user_id, by_user_id.as_ref());
            replace(&mut self.can_receive.by_participant_id, by_participant_id.as_ref());
        }
    }

    /// Takes everything away that may be sent.
    pub fn forbid_sending(&mut self) {
        self.can_send = Grant::Whole(false);
    }

    /// Takes away that screens may be shared.
    pub fn forbid_screenshare(&mut self) {
        let all =
            [MediaKind::Audio, MediaKind::Video, MediaKind::CustomVideo, MediaKind::CustomAudio];
        let kept = all.into_iter().filter(|kind| self.can_send.allows(kind)).collect();
        if self.can_send != Grant::Whole(false) {
            self.can_send = Grant::Some(kept);
        }
    }
}

/// Longest serialised [`PermissionChange`], in bytes. Everybody in the call is
/// sent the permissions of everybody, so that a change for all goes out as
/// often as the square of their number.
pub const MAX_PERMISSION_CHANGE_BYTES: usize = 4096;

/// A change of the permissions of somebody who is in a call. What is given
/// replaces the old value outright; of `can_receive` each part does so alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PermissionChange {
    /// Whether the others see the participant.
    pub has_presence: Option<bool>,
    /// What the participant may send.
    pub can_send: Option<Grant<MediaKind>>,
    /// What the participant may receive.
    pub can_receive: Option<CanReceiveChange>,
    /// What the participant may administer.
    pub can_admin: Option<Grant<AdminArea>>,
}

impl PermissionChange {
    /// Whether what may be received is said in words that mean something.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let Some(CanReceiveChange { base, by_user_id, by_participant_id }) = &self.can_receive
        else {
            return true;
        };
        let named = [by_user_id, by_participant_id].into_iter().flatten();
        base.iter().chain(named.flat_map(BTreeMap::values)).all(ReceiveGrant::is_well_formed)
    }
}

/// The parts of [`CanReceive`], each given or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CanReceiveChange {
    /// From everybody not named below.
    pub base: Option<ReceiveGrant>,
    /// By the sender's `user_id`.
    pub by_user_id: Option<BTreeMap<String, ReceiveGrant>>,
    /// By the sender's session id.
    pub by_participant_id: Option<BTreeMap<String, ReceiveGrant>>,
}

fn replace<T: Clone>(old: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        old.clone_from(new);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn grants_name_kinds_of_media_and_tracks() {
        let grant = |json| serde_json::from_value::<ReceiveGrant>(json).unwrap();
        for good in [json!(true), json!({"video": false}), json!({"customAudio": {"*": false}})] {
            assert!(grant(good).is_well_formed());
        }
        for bad in [json!({"smell": true}), json!({"video": {"*": true}}), json!({"audio": [[]]})] {
            assert!(!grant(bad).is_well_formed());
        }
        let change = |json| serde_json::from_value::<PermissionChange>(json).unwrap();
        assert!(change(json!({"canSend": []})).is_well_formed());
        assert!(change(json!({"canReceive": {"byUserId": {"ana": false}}})).is_well_formed());
        let nested = json!({"canReceive": {"byUserId": {"ana": {"video": 1}}}});
        assert!(!change(nested).is_well_formed());
    }

    #[test]
    fn a_change_replaces_what_it_names_and_nothing_else() {
        let mut permissions = Permissions::participant();
        let by_user = BTreeMap::from([("ana".to_owned(), ReceiveGrant::Whole(false))]);
        permissions.can_receive.by_user_id = by_user.clone();
        let before = permissions.clone();
        permissions.apply(&PermissionChange::default());
        assert_eq!(permissions, before);

        permissions.apply(&PermissionChange {
            has_presence: Some(false),
            can_send: Some(Grant::Some(BTreeSet::from([MediaKind::Audio]))),
            can_receive: Some(CanReceiveChange {
                base: Some(ReceiveGrant::Whole(false)),
                ..CanReceiveChange::default()
            }),
            can_admin: None,
        });
        assert!(!permissions.has_presence);
        assert!(!permissions.can_send.allows(&MediaKind::Video));
        assert_eq!(permissions.can_receive.base, ReceiveGrant::Whole(false));
        assert_eq!(permissions.can_receive.by_user_id, by_user);
        assert_eq!(permissions.can_admin, before.can_admin);
    }
}
