//! API keys as the identity face shows and makes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::id::OrgId;
use crate::identity::limits::UsageLimits;
use crate::key_permission::{KeyPermission, KeyPermissions};
use crate::time::UnixMillis;

/// Longest name of a key, in characters. Longer ones no list could show.
pub const MAX_NAME_CHARS: usize = 100;

/// How long a key that was rotated still works unless the request says
/// otherwise, in seconds: a day, in which a deployment takes up the new one.
pub const DEFAULT_OVERLAP_SECONDS: i64 = 86_400;

/// Longest overlap that may be asked for, in seconds: 31 days. Longer keeps a
/// key alive that somebody meant to be rid of.
pub const MAX_OVERLAP_SECONDS: i64 = 31 * 86_400;

/// Most organizations that one key is granted. More makes each look at an
/// organization's keys longer.
pub const MAX_ORGANIZATIONS: usize = 100;

/// Stands for whoever sits at the machine itself and has no account: as the
/// user of keys that were made there, and as the actor in the audit log.
pub const OPERATOR: &str = "operator";

/// Names that are addresses below `/api-keys`, or that clients make another
/// address of.
const TAKEN_NAMES: [&str; 4] = ["current", "rotate", ".", ".."];

/// What a key is called: 1 to 100 characters that people can tell apart.
///
/// # Errors
/// `invalid-request-error`, which names the limit.
pub fn parse_name(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    let is_well_formed = (1..=MAX_NAME_CHARS).contains(&name.chars().count())
        && !name.contains(|c: char| c.is_control() || matches!(c, '<' | '>'));
    if !is_well_formed {
        let expectation = format!(
            "1 to {MAX_NAME_CHARS} characters that say what the key is for, without line breaks, < and >"
        );
        return Err(ApiError::wrong_value("name", &text.into(), &expectation));
    }
    if TAKEN_NAMES.contains(&name) {
        return Err(ApiError::wrong_value("name", &text.into(), "no address of the API"));
    }
    Ok(name.to_owned())
}

/// The time after which a key is refused; it must lie ahead.
///
/// # Errors
/// `invalid-request-error` when it cannot be read or has passed.
pub fn parse_expiry(value: &Value, now: UnixMillis) -> Result<UnixMillis, ApiError> {
    let at = value.as_str().and_then(UnixMillis::parse_rfc3339);
    let at = at.ok_or_else(|| ApiError::not_rfc3339("expiresAt", value))?;
    if at <= now {
        return Err(ApiError::time_has_passed("expiresAt", value));
    }
    Ok(at)
}

/// Words like `write:sandboxes`.
///
/// # Errors
/// `invalid-request-error`, which names the unknown one.
pub fn parse_permissions<'a>(
    words: impl IntoIterator<Item = &'a str>,
) -> Result<KeyPermissions, ApiError> {
    let read =
        |word: &str| word.parse::<KeyPermission>().map_err(|_| ApiError::unknown_permission(word));
    words.into_iter().map(read).collect()
}

/// `POST /api-keys`. Fields it does not know are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateApiKey {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub permissions: KeyPermissions,
    /// When it ends.
    pub expires_at: Option<UnixMillis>,
    /// The organizations that it is granted beside the one of the request.
    pub organizations: Vec<OrgId>,
    /// What it is held to beside its organization.
    pub limits: UsageLimits,
}

impl CreateApiKey {
    /// Reads the body.
    ///
    /// # Errors
    /// `invalid-request-error`, which names the field.
    pub fn parse(body: &Map<String, Value>, now: UnixMillis) -> Result<Self, ApiError> {
        let name = match body.get("name") {
            None | Some(Value::Null) => return Err(ApiError::missing_field("name")),
            Some(Value::String(name)) => parse_name(name)?,
            Some(other) => return Err(ApiError::wrong_value("name", other, "a string")),
        };
        let permissions = match body.get("permissions") {
            None | Some(Value::Null) => return Err(ApiError::missing_field("permissions")),
            Some(Value::Array(words)) => parse_permissions(strings("permissions", words)?)?,
            Some(other) => {
                return Err(ApiError::wrong_value("permissions", other, "a list of permissions"));
            }
        };
        let expires_at = match body.get("expiresAt") {
            None | Some(Value::Null) => None,
            Some(value) => Some(parse_expiry(value, now)?),
        };
        let organizations = match body.get("organizationIds") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(ids)) => parse_organizations(ids)?,
            Some(other) => {
                let expectation = "a list of ids of organizations";
                return Err(ApiError::wrong_value("organizationIds", other, expectation));
            }
        };
        let mut limits = UsageLimits::default();
        match body.get("limits") {
            None | Some(Value::Null) => {}
            Some(Value::Object(wanted)) => limits.change_of_key(wanted)?,
            Some(other) => return Err(ApiError::wrong_value("limits", other, "an object")),
        }
        Ok(Self { name, permissions, expires_at, organizations, limits })
    }
}

/// An id that cannot be one is nobody's: 404, as for any other.
fn parse_organizations(ids: &[Value]) -> Result<Vec<OrgId>, ApiError> {
    if ids.len() > MAX_ORGANIZATIONS {
        let expectation = format!("at most {MAX_ORGANIZATIONS} ids");
        return Err(ApiError::wrong_value("organizationIds", &ids.len().into(), &expectation));
    }
    let mut read = Vec::with_capacity(ids.len());
    for id in strings("organizationIds", ids)? {
        let id = id.parse().map_err(|_| ApiError::not_found("organization", id))?;
        if !read.contains(&id) {
            read.push(id);
        }
    }
    Ok(read)
}

/// `PATCH /api-keys/{name}`: what becomes of its limits.
///
/// # Errors
/// `invalid-request-error` when there are none, or they are no limits of keys.
pub fn parse_change(body: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    match body.get("limits") {
        None | Some(Value::Null) => Err(ApiError::missing_field("limits")),
        Some(Value::Object(limits)) => {
            UsageLimits::default().change_of_key(limits)?;
            Ok(limits.clone())
        }
        Some(other) => Err(ApiError::wrong_value("limits", other, "an object")),
    }
}

fn strings<'a>(key: &str, values: &'a [Value]) -> Result<Vec<&'a str>, ApiError> {
    let read = |value: &'a Value| {
        value.as_str().ok_or_else(|| ApiError::wrong_value(key, value, "a string"))
    };
    values.iter().map(read).collect()
}

/// `POST /api-keys/{name}/rotate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotateApiKey {
    /// How long the old one still works, in seconds.
    pub overlap_seconds: i64,
}

impl RotateApiKey {
    /// Reads the body, which may be empty.
    ///
    /// # Errors
    /// `invalid-request-error` when the overlap is out of bounds.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let overlap_seconds = match body.get("overlapSeconds") {
            None | Some(Value::Null) => DEFAULT_OVERLAP_SECONDS,
            Some(value) => value
                .as_i64()
                .filter(|seconds| (0..=MAX_OVERLAP_SECONDS).contains(seconds))
                .ok_or_else(|| {
                    let expectation =
                        format!("a whole number of seconds from 0 to {MAX_OVERLAP_SECONDS}");
                    ApiError::wrong_value("overlapSeconds", value, &expectation)
                })?,
        };
        Ok(Self { overlap_seconds })
    }
}

/// What may be shown of a key's value: its first and last characters, and
/// always the same number of asterisks between them.
#[must_use]
pub fn masked(prefix: &str, suffix: &str) -> String {
    let first: String = prefix.chars().take(3).collect();
    format!("{first}{}{suffix}", "*".repeat(20))
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyItem {
    /// What it is called.
    #[cfg_attr(feature = "openapi", schema(examples("ci")))]
    pub name: String,
    /// Its first and last three characters.
    #[cfg_attr(feature = "openapi", schema(examples("par********************x9Z")))]
    pub value: String,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(examples("2030-01-01T00:00:00.000Z")))]
    pub created_at: String,
    /// What it may do.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["write:sandboxes"]))))]
    pub permissions: KeyPermissions,
    /// When it was last used.
    #[cfg_attr(feature = "openapi", schema(examples("2030-01-02T00:00:00.000Z")))]
    pub last_used_at: Option<String>,
    /// From when on it is refused.
    #[cfg_attr(feature = "openapi", schema(examples("2030-12-31T23:59:59.000Z")))]
    pub expires_at: Option<String>,
    /// Whose it is; `operator` for keys made at the server's machine.
    #[cfg_attr(feature = "openapi", schema(examples("operator")))]
    pub user_id: String,
    /// Of which organization it is.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21")))]
    pub organization_id: OrgId,
    /// The organizations that it was granted, that one first. Where there are
    /// several, its requests name one in `X-Daytona-Organization-ID`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["0b5a6f5e-6c1f-4c55-9b1c-6f3a0e8f7d21"]))))]
    pub organization_ids: Vec<OrgId>,
    /// Whether it is accepted now. An expired key stays in the list.
    #[cfg_attr(feature = "openapi", schema(examples(true)))]
    pub active: bool,
    /// What it is held to beside its organization.
    #[serde(default, skip_serializing_if = "UsageLimits::is_empty")]
    pub limits: UsageLimits,
}

/// A key that was just made, with its value, which is shown only here.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewApiKeyValue {
    /// What it is called.
    #[cfg_attr(feature = "openapi", schema(examples("ci")))]
    pub name: String,
    /// The key itself.
    #[cfg_attr(feature = "openapi", schema(examples("parlor_…")))]
    pub value: String,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(examples("2030-01-01T00:00:00.000Z")))]
    pub created_at: String,
    /// What it may do.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["write:sandboxes"]))))]
    pub permissions: KeyPermissions,
    /// From when on it is refused.
    #[cfg_attr(feature = "openapi", schema(examples("2030-12-31T23:59:59.000Z")))]
    pub expires_at: Option<String>,
}

impl std::fmt::Debug for NewApiKeyValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewApiKeyValue({}, …)", self.name)
    }
}

/// The body of `POST /api-keys`, for documents.
#[cfg(feature = "openapi")]
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateApiKeyBody {
    /// 1 to 100 characters, without line breaks, `<` and `>`.
    #[schema(min_length = 1, max_length = 100, examples("ci"))]
    pub name: String,
    /// What it may do. Nobody can give more than they hold.
    #[schema(examples(json!(["write:sandboxes", "read:snapshots"])))]
    pub permissions: Vec<String>,
    /// From when on it is refused: RFC 3339, in the future. `null`: never.
    #[schema(required = false, examples("2030-12-31T23:59:59Z"))]
    pub expires_at: Option<String>,
    /// Organizations that it is granted beside the one of the request. In each
    /// of them the caller must hold the permissions.
    #[schema(required = false, max_items = 100, examples(json!([])))]
    pub organization_ids: Option<Vec<String>>,
    /// What it is held to beside its organization: `requestsPer5s`,
    /// `authenticatedRateLimit`, `rooms`. The narrower limit decides.
    #[schema(required = false)]
    pub limits: Option<UsageLimits>,
}

/// The body of `PATCH /api-keys/{name}`, for documents.
#[cfg(feature = "openapi")]
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeApiKeyBody {
    /// What it is held to beside its organization: `requestsPer5s`,
    /// `authenticatedRateLimit`, `rooms`. What is `null` is a limit no more,
    /// and what is not named stays.
    pub limits: UsageLimits,
}

/// The body of `POST /api-keys/{name}/rotate`, for documents.
#[cfg(feature = "openapi")]
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotateApiKeyBody {
    /// How long the old key still works, in seconds.
    #[schema(required = false, minimum = 0, maximum = 2_678_400, default = 86_400, examples(3600))]
    pub overlap_seconds: Option<i64>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CreateApiKey, RotateApiKey, UnixMillis, masked, parse_name};

    fn parse(body: &Value) -> Result<CreateApiKey, String> {
        let now = UnixMillis::new(1_893_456_000_000);
        CreateApiKey::parse(body.as_object().unwrap(), now).map_err(|error| error.info)
    }

    #[test]
    fn a_body_as_the_documentation_shows_it_is_read() {
        let read = parse(&json!({
            "name": "My API Key",
            "permissions": ["write:sandboxes", "read:snapshots"],
            "expiresAt": "2030-12-31T23:59:59Z",
            "color": "green",
        }))
        .unwrap();
        assert_eq!(read.name, "My API Key");
        assert_eq!(read.permissions.iter().count(), 2);
        assert_eq!(read.expires_at, Some(UnixMillis::new(1_924_991_999_000)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            (json!({}), "missing required field 'name'"),
            (json!({"name": "a"}), "missing required field 'permissions'"),
            (json!({"name": "a", "permissions": "all"}), "a list of permissions"),
            (json!({"name": "a", "permissions": [1]}), "a string"),
            (json!({"name": "a", "permissions": ["write:all"]}), "'write:all' is no permission"),
            (json!({"name": 1, "permissions": []}), "a string"),
            (json!({"name": "current", "permissions": []}), "no address of the API"),
            (json!({"name": "a<b", "permissions": []}), "1 to 100 characters"),
            (json!({"name": " ", "permissions": []}), "1 to 100 characters"),
            (json!({"name": "a", "permissions": [], "expiresAt": 5}), "a time of RFC 3339"),
            (
                json!({"name": "a", "permissions": [], "organizationIds": "x"}),
                "a list of ids of organizations",
            ),
            (
                json!({"name": "a", "permissions": [], "organizationIds": vec!["x"; 101]}),
                "at most 100 ids",
            ),
            (json!({"name": "a", "permissions": [], "organizationIds": ["x"]}), "organization"),
            (
                json!({"name": "a", "permissions": [], "expiresAt": "2030-01-01T00:00:00Z"}),
                "should be in the future",
            ),
        ];
        for (body, said) in cases {
            let info = parse(&body).unwrap_err();
            assert!(info.contains(said), "{body}: {info}");
        }
        assert!(parse_name(&"é".repeat(100)).is_ok() && parse_name(&"é".repeat(101)).is_err());
    }

    #[test]
    fn an_overlap_has_bounds() {
        let read = |body: Value| RotateApiKey::parse(body.as_object().unwrap());
        assert_eq!(read(json!({})).unwrap().overlap_seconds, 86_400);
        assert_eq!(read(json!({"overlapSeconds": 0})).unwrap().overlap_seconds, 0);
        for bad in [json!(-1), json!(2_678_401), json!(1.5), json!("1")] {
            assert!(read(json!({ "overlapSeconds": bad })).is_err());
        }
    }

    #[test]
    fn little_is_shown_of_a_value() {
        assert_eq!(masked("parlor_a", "xyz"), format!("par{}xyz", "*".repeat(20)));
        assert_eq!(masked("", ""), "*".repeat(20));
    }
}
