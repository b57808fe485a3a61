//! What applies to one joiner: domain, room and token, one over the other.
//!
//! The table generates a getter for each property. `nbf` and `exp` have none:
//! room and token each keep their own, and both are checked.

use serde_json::{Map, Value};

use super::set::PropertySet;
use super::spec::{DefaultValue, PropertySpec};
use super::{all, table};
use crate::permission::Permissions;
use crate::rest::permissions::PermissionOverrides;
use crate::ticket::EjectLimits;
use crate::time::UnixMillis;

/// Rows that say when the room removes somebody. They have no getters: room and
/// token are each asked for their own.
const EJECT_AT_ROOM_EXP: &str = "eject_at_room_exp";
const EJECT_AT_TOKEN_EXP: &str = "eject_at_token_exp";
const EJECT_AFTER_ELAPSED: &str = "eject_after_elapsed";

/// The end of the year 9999: nobody is ejected later, and everybody can still
/// write such a time down.
const LATEST: UnixMillis = UnixMillis::new(253_402_300_799_999);

/// The properties of a domain, a room and perhaps a token, layered: a token's
/// value beats the room's, which beats the domain's, which beats the default.
#[derive(Clone, Copy, Debug)]
pub struct Effective<'a> {
    domain: &'a PropertySet,
    room: &'a PropertySet,
    token: Option<&'a PropertySet>,
}

impl<'a> Effective<'a> {
    /// Lays the sets over each other.
    #[must_use]
    pub fn layer(
        domain: &'a PropertySet,
        room: &'a PropertySet,
        token: Option<&'a PropertySet>,
    ) -> Self {
        Self { domain, room, token }
    }

    /// What the joiner may do at entry. A meeting owner may do everything; for
    /// the others each key comes from the token, else the room, else the
    /// domain. `owner_only_broadcast` and `enable_screenshare` narrow what
    /// may be sent; `enable_hidden_participants` hides whoever's token does
    /// not say otherwise.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        if self.is_owner() {
            return self.owner_permissions();
        }
        let mut permissions = Permissions::participant();
        let of = |set: &PropertySet| set.get("permissions").map(PermissionOverrides::from_property);
        for overrides in [of(self.domain), of(self.room)].into_iter().flatten() {
            overrides.apply_to(&mut permissions);
        }
        if self.enable_hidden_participants() {
            permissions.has_presence = false;
        }
        if let Some(overrides) = self.token.and_then(of) {
            overrides.apply_to(&mut permissions);
        }
        if self.owner_only_broadcast() {
            permissions.forbid_sending();
        } else if !self.enable_screenshare() {
            permissions.forbid_screenshare();
        }
        permissions
    }

    /// Whether the joiner looks on (`enable_hidden_participants`): as long as
    /// they have no presence, they see and receive owners only.
    #[must_use]
    pub fn is_in_audience(&self) -> bool {
        self.enable_hidden_participants() && !self.is_owner()
    }

    /// The application's own id of the joiner. An empty one says nothing.
    #[must_use]
    pub fn known_user(&self) -> Option<&'a str> {
        self.user_id().filter(|id| !id.is_empty())
    }

    /// Everything that applies, by wire name, defaults included, for
    /// browsers: without what is private, and without `nbf` and `exp`.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        let mut map = Map::new();
        for spec in all().filter(|spec| spec.is_for_browsers()) {
            let value = self.value(spec).cloned().or_else(|| spec.base_default().to_value());
            if let Some(value) = value {
                map.insert(spec.name.to_owned(), value);
            }
        }
        map
    }

    /// The strongest value that was set.
    pub(super) fn value(&self, spec: &PropertySpec) -> Option<&'a Value> {
        self.token
            .and_then(|token| token.get(spec.name))
            .or_else(|| self.room.get(spec.name))
            .or_else(|| self.domain.get(spec.name))
    }

    pub(super) fn flag(&self, spec: &PropertySpec) -> bool {
        let default = || spec.base_default() == DefaultValue::Flag(true);
        self.value(spec).and_then(Value::as_bool).unwrap_or_else(default)
    }

    pub(super) fn count(&self, spec: &PropertySpec) -> Option<u32> {
        let default = match spec.base_default() {
            DefaultValue::Integer(number) => u32::try_from(number).ok(),
            _ => None,
        };
        let set = self.value(spec).and_then(Value::as_u64);
        set.and_then(|number| u32::try_from(number).ok()).or(default)
    }

    pub(super) fn number(&self, spec: &PropertySpec) -> Option<f64> {
        let default = match spec.base_default() {
            DefaultValue::Number(number) => Some(number),
            _ => None,
        };
        self.value(spec).and_then(Value::as_f64).or(default)
    }

    pub(super) fn text(&self, spec: &PropertySpec) -> Option<&'a str> {
        let default = match spec.base_default() {
            DefaultValue::Text(text) => Some(text),
            _ => None,
        };
        self.value(spec).and_then(Value::as_str).or(default)
    }

    /// An owner is bound only by what their own token says of screens.
    fn owner_permissions(&self) -> Permissions {
        let mut permissions = Permissions::owner();
        let own = self.token.and_then(|token| token.get(table::ENABLE_SCREENSHARE));
        if own == Some(&Value::Bool(false)) {
            permissions.forbid_screenshare();
        }
        permissions
    }
}

/// When the room must remove somebody who enters now. If the token asks for an
/// eject of its own, the room's are ignored for its holder.
#[must_use]
pub fn eject_limits(room: &PropertySet, token: Option<&PropertySet>) -> EjectLimits {
    let of_token = token.map(|token| limits_of(token, EJECT_AT_TOKEN_EXP));
    match of_token {
        Some((limits, true)) => limits,
        _ => limits_of(room, EJECT_AT_ROOM_EXP).0,
    }
}

/// The limits that `set` asks for, and whether it asks for any.
fn limits_of(set: &PropertySet, at_exp: &str) -> (EjectLimits, bool) {
    let ejects_at_exp = set.get(at_exp) == Some(&Value::Bool(true));
    let after = set.get(EJECT_AFTER_ELAPSED).and_then(Value::as_u64);
    let limits = EjectLimits {
        at: set
            .exp()
            .filter(|_| ejects_at_exp)
            .map(|exp| UnixMillis::from_seconds(exp).min(LATEST)),
        after_seconds: after.and_then(|seconds| u32::try_from(seconds).ok()),
    };
    (limits, ejects_at_exp || after.is_some())
}
