//! One row of the property table.

use serde_json::Value;

use super::kind::Kind;
use super::table::KEPT_APART;

/// Where a property may be set. A later scope beats an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The organization.
    Domain,
    /// A room.
    Room,
    /// A meeting token.
    Token,
}

impl Scope {
    /// Every scope, the weakest first.
    pub const ALL: [Self; 3] = [Self::Domain, Self::Room, Self::Token];

    /// The scope's name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Room => "room",
            Self::Token => "token",
        }
    }
}

/// Who may write a property in one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Requests may set it.
    Write,
    /// Only answers have it.
    ReadOnly,
    /// Only the claims of a token have it.
    ClaimOnly,
    /// Requests of older clients may carry it; it is dropped.
    Ignored,
}

/// The value that holds when nobody set one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DefaultValue {
    /// None of its own: the wider scope's holds, or the property is absent.
    Absent,
    /// A boolean.
    Flag(bool),
    /// An integer.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A string.
    Text(&'static str),
}

impl DefaultValue {
    /// As JSON; `None` when absent.
    #[must_use]
    pub fn to_value(self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Flag(flag) => Some(Value::from(flag)),
            Self::Integer(number) => Some(Value::from(number)),
            Self::Number(number) => Some(Value::from(number)),
            Self::Text(text) => Some(Value::from(text)),
        }
    }

    /// Whether `value` says the same.
    #[must_use]
    pub fn is(self, value: &Value) -> bool {
        match self {
            Self::Absent => false,
            Self::Flag(flag) => value.as_bool() == Some(flag),
            Self::Integer(number) => value.as_i64() == Some(number),
            Self::Number(number) => value.as_f64() == Some(number),
            Self::Text(text) => value.as_str() == Some(text),
        }
    }
}

/// A property in one scope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Holds when nobody set one.
    pub default: DefaultValue,
    /// Who may write it here.
    pub access: Access,
    /// The token claim, where it is not the property's own name.
    pub claim: Option<&'static str>,
}

/// What acts on a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// The server, when somebody wants to enter.
    Admission,
    /// The room, from the moment a meeting starts until it ends.
    MeetingStart,
    /// The call client or the room, during the call.
    Call,
    /// The call page.
    Page,
    /// The recorder, the streamer or the transcriber.
    Recording,
    /// The telephone gateway.
    Telephony,
    /// Webhooks and the record-keeping of the server.
    Server,
}

impl Applies {
    /// The word in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::MeetingStart => "meeting start",
            Self::Call => "call",
            Self::Page => "call page",
            Self::Recording => "recording",
            Self::Telephony => "telephony",
            Self::Server => "server",
        }
    }
}

/// Whether a property does something in this release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It acts.
    Acts,
    /// It acts, but for this.
    ActsPartly(&'static str),
    /// It is accepted and has no effect, for this reason.
    WithoutEffect(&'static str),
}

/// One property: its name, its values, and where it counts.
#[derive(Clone, Copy, Debug)]
pub struct PropertySpec {
    /// The wire name.
    pub name: &'static str,
    doc: &'static str,
    /// Which values it takes.
    pub kind: Kind,
    places: [Option<Place>; 3],
    /// What acts on it.
    pub applies: Applies,
    /// Whether it acts.
    pub status: Status,
    /// Whether only the server and holders of an API key may see it: never
    /// sent to a browser.
    pub is_private: bool,
}

impl PropertySpec {
    /// What the property does.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.doc.trim()
    }

    /// The property in `scope`, if it may appear there.
    #[must_use]
    pub fn place(&self, scope: Scope) -> Option<&Place> {
        self.places[scope as usize].as_ref()
    }

    /// The scopes in which it may appear, the weakest first.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> + '_ {
        Scope::ALL.into_iter().filter(|scope| self.place(*scope).is_some())
    }

    /// Whether requests may set it in `scope`.
    #[must_use]
    pub fn is_writable(&self, scope: Scope) -> bool {
        self.place(scope).is_some_and(|place| place.access == Access::Write)
    }

    /// Whether it belongs to what applies to a joiner, as a browser learns it:
    /// settable somewhere, not private, and neither `nbf` nor `exp`.
    #[must_use]
    pub fn is_for_browsers(&self) -> bool {
        let is_settable = Scope::ALL.into_iter().any(|scope| self.is_writable(scope));
        is_settable && !self.is_private && !KEPT_APART.contains(&self.name)
    }

    /// What holds when no scope sets it: the widest scope's default.
    #[must_use]
    pub fn base_default(&self) -> DefaultValue {
        let defaults = self.places.iter().flatten().map(|place| place.default);
        defaults
            .into_iter()
            .find(|default| *default != DefaultValue::Absent)
            .unwrap_or(DefaultValue::Absent)
    }

    /// The claim that carries it in a token.
    #[must_use]
    pub fn claim(&self) -> Option<&'static str> {
        self.place(Scope::Token).map(|place| place.claim.unwrap_or(self.name))
    }
}

/// How the table writes a row.
impl PropertySpec {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            name: "",
            doc: "",
            kind,
            places: [None; 3],
            applies: Applies::Server,
            status: Status::Acts,
            is_private: false,
        }
    }

    pub(super) const fn named(mut self, name: &'static str, doc: &'static str) -> Self {
        self.name = name;
        self.doc = doc;
        self
    }

    pub(super) const fn domain(self, default: DefaultValue) -> Self {
        self.at(Scope::Domain, default, Access::Write, None)
    }

    pub(super) const fn room(self, default: DefaultValue) -> Self {
        self.at(Scope::Room, default, Access::Write, None)
    }

    pub(super) const fn token(self, default: DefaultValue, claim: &'static str) -> Self {
        self.at(Scope::Token, default, Access::Write, Some(claim))
    }

    pub(super) const fn token_long_name(self, default: DefaultValue) -> Self {
        self.at(Scope::Token, default, Access::Write, None)
    }

    pub(super) const fn read_only(self, scope: Scope, default: DefaultValue) -> Self {
        self.at(scope, default, Access::ReadOnly, None)
    }

    pub(super) const fn claim_only(self, claim: &'static str) -> Self {
        self.at(Scope::Token, DefaultValue::Absent, Access::ClaimOnly, Some(claim))
    }

    pub(super) const fn ignored_in_room(self) -> Self {
        self.at(Scope::Room, DefaultValue::Absent, Access::Ignored, None)
    }

    pub(super) const fn acts(mut self, applies: Applies) -> Self {
        self.applies = applies;
        self.status = Status::Acts;
        self
    }

    pub(super) const fn acts_partly(mut self, applies: Applies, lack: &'static str) -> Self {
        self.applies = applies;
        self.status = Status::ActsPartly(lack);
        self
    }

    pub(super) const fn without_effect(mut self, applies: Applies, reason: &'static str) -> Self {
        self.applies = applies;
        self.status = Status::WithoutEffect(reason);
        self
    }

    pub(super) const fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    const fn at(
        mut self,
        scope: Scope,
        default: DefaultValue,
        access: Access,
        claim: Option<&'static str>,
    ) -> Self {
        self.places[scope as usize] = Some(Place { default, access, claim });
        self
    }
}
