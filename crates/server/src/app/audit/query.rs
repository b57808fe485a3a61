//! What a request for a part of the log asks for. A field is narrowed in one of
//! three ways, since clients write it in each of them: `action=create`,
//! `action[not]=create`, and, as the generated clients do,
//! `action={"in": ["create", "delete"]}`.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::time::UnixMillis;
use parlor_store::audit::AuditFilter;
use serde_json::{Map, Value};

/// Actions on a page when nobody says.
const DEFAULT_LIMIT: u32 = 100;

/// Most actions on a page. Higher saves requests of who reads all of it, and
/// makes each answer larger: an action is some 500 bytes.
const MAX_LIMIT: u32 = 200;

/// Most values in one list of a filter. Each is compared with every action.
const MAX_VALUES: usize = 100;

/// Longest text of all values of a filter, in bytes: it is searched for each
/// action. No field of an action has more than an eighth of it.
const MAX_BYTES: usize = 4096;

/// Actions of what this server does not do yet. They may be asked for; there
/// are none.
const LATER: &[&str] = &[
    "pause",
    "resize",
    "archive",
    "snapshot",
    "fork",
    "recover",
    "replace_labels",
    "update_public_status",
    "set_auto_stop_interval",
    "set_auto_archive_interval",
    "set_auto_delete_interval",
    "create_ssh_access",
    "revoke_ssh_access",
    "get_port_preview_url",
    "update_network_settings",
    "auto_stop",
    "auto_archive",
    "auto_delete",
];

/// Which actions are wanted, and which part of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    pub(super) page: u64,
    pub(super) limit: u32,
    pub(super) before: Option<i64>,
    pub(super) filter: AuditFilter,
}

impl AuditQuery {
    /// Reads the parameters of a request. Those that are not known are ignored.
    pub(crate) fn parse<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ApiError> {
        let mut query = Self { page: 1, limit: DEFAULT_LIMIT, ..Self::default() };
        for (name, value) in parameters {
            if !value.is_empty() {
                query.take(name, value)?;
            }
        }
        let bytes: usize = query.filter.values().map(String::len).sum();
        if bytes > MAX_BYTES {
            let info = format!("a filter should have at most {MAX_BYTES} bytes of values");
            return Err(invalid(info));
        }
        if query.filter.from > query.filter.to.or(Some(UnixMillis::new(i64::MAX))) {
            return Err(invalid("from is later than to: no action can be between them"));
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        match name {
            "page" => self.page = number(name, value, 1_000_000)?,
            "limit" => {
                let limit = number(name, value, MAX_LIMIT.into())?;
                self.limit = u32::try_from(limit).unwrap_or(MAX_LIMIT);
            }
            "nextToken" => self.before = Some(token(value)?),
            "from" => from(&mut self.filter, time(name, value)?),
            "to" => to(&mut self.filter, time(name, value)?),
            "result" => {
                let statuses = statuses_of(value)?;
                narrow_statuses(&mut self.filter, *statuses.start(), *statuses.end());
            }
            _ => {
                for term in Term::parse(name, value)? {
                    term.narrow(&mut self.filter)?;
                }
            }
        }
        Ok(())
    }
}

/// Takes a value of a field, or says what is wrong with it.
type ReadValue = fn(&str, &str) -> Result<String, ApiError>;

/// One narrowing of one field.
struct Term<'a> {
    field: &'a str,
    operator: Cow<'a, str>,
    values: Vec<String>,
}

impl<'a> Term<'a> {
    fn parse(name: &'a str, value: &str) -> Result<Vec<Self>, ApiError> {
        let bracketed = name.strip_suffix(']').and_then(|name| name.split_once('['));
        if let Some((field, operator)) = bracketed {
            let values = match operator {
                "in" | "notIn" => value.split(',').map(str::to_owned).collect(),
                _ => vec![value.to_owned()],
            };
            return Ok(vec![Self { field, operator: operator.into(), values }]);
        }
        // What is no object is a value that happens to begin like one.
        let Ok(operators) = serde_json::from_str::<Map<String, Value>>(value) else {
            let values = vec![value.to_owned()];
            return Ok(vec![Self { field: name, operator: "eq".into(), values }]);
        };
        let term = |(operator, value): (String, Value)| {
            let values = match value {
                Value::Array(values) => values.iter().map(text).collect(),
                value => text(&value).map(|value| vec![value]),
            };
            let values = values.filter(|values: &Vec<_>| !values.is_empty());
            let needs = || invalid(format!("{name} should be narrowed by texts or numbers"));
            let values = values.ok_or_else(needs)?;
            Ok(Self { field: name, operator: operator.into(), values })
        };
        operators.into_iter().map(term).collect()
    }

    fn narrow(self, filter: &mut AuditFilter) -> Result<(), ApiError> {
        let (wanted, read): (_, ReadValue) = match self.field {
            "createdAt" => return self.narrow_time(filter),
            "id" => (&mut filter.id, |_, value| Ok(value.to_lowercase())),
            "actorId" => (&mut filter.actor_id, as_it_is),
            "actorEmail" => (&mut filter.actor_email, |_, value| Ok(value.to_lowercase())),
            "actorApiKeyPrefix" => (&mut filter.key_prefix, as_it_is),
            "actorApiKeySuffix" => (&mut filter.key_suffix, as_it_is),
            "action" => (&mut filter.action, action),
            "targetType" => (&mut filter.target_type, target_type),
            "targetId" => (&mut filter.target_id, as_it_is),
            "statusCode" if self.is_bound() => return self.narrow_status(filter),
            "statusCode" => (&mut filter.status, status),
            _ => return Ok(()),
        };
        let list = match &*self.operator {
            "eq" | "in" => &mut wanted.one_of,
            "not" | "notIn" => &mut wanted.none_of,
            _ => return Err(self.unknown()),
        };
        for value in &self.values {
            list.push(read(self.field, value)?);
        }
        if list.len() > MAX_VALUES {
            let field = self.field;
            return Err(invalid(format!("{field} should have at most {MAX_VALUES} values")));
        }
        Ok(())
    }

    fn is_bound(&self) -> bool {
        matches!(&*self.operator, "gte" | "gt" | "lte" | "lt")
    }

    fn narrow_time(&self, filter: &mut AuditFilter) -> Result<(), ApiError> {
        for value in &self.values {
            let at = time(self.field, value)?;
            match &*self.operator {
                "gte" => from(filter, at),
                "gt" => from(filter, at.plus_millis(1)),
                "lte" => to(filter, at),
                "lt" => to(filter, at.plus_millis(-1)),
                _ => return Err(self.unknown()),
            }
        }
        Ok(())
    }

    fn narrow_status(&self, filter: &mut AuditFilter) -> Result<(), ApiError> {
        for value in &self.values {
            let number = u16::try_from(number(self.field, value, 599)?).unwrap_or(u16::MAX);
            let (least, most) = match &*self.operator {
                "gte" => (number, u16::MAX),
                "gt" => (number + 1, u16::MAX),
                "lte" => (1, number),
                _ => (1, number - 1),
            };
            narrow_statuses(filter, least, most);
        }
        Ok(())
    }

    fn unknown(&self) -> ApiError {
        let (field, operator) = (self.field, &self.operator);
        let known = match field {
            "createdAt" => "gte, gt, lte, lt",
            "statusCode" => "eq, not, in, notIn, gte, gt, lte, lt",
            _ => "eq, not, in, notIn",
        };
        invalid(format!("{field}[{operator}] is no way to narrow {field}: there are {known}"))
    }
}

/// What is answered to what was done, to what the caller may or can not have,
/// and to what the server could not do; nothing, where nobody wrote it down.
fn statuses_of(result: &str) -> Result<RangeInclusive<u16>, ApiError> {
    Ok(match result {
        "done" => 200..=399,
        "refused" => 400..=499,
        "failed" => 500..=599,
        "unknown" => 0..=0,
        _ => {
            let words = "done, refused, failed, unknown";
            return Err(invalid(format!("result was '{result}' but should be one of {words}")));
        }
    })
}

fn narrow_statuses(filter: &mut AuditFilter, least: u16, most: u16) {
    let so_far = filter.statuses.clone().unwrap_or(0..=u16::MAX);
    filter.statuses = Some(least.max(*so_far.start())..=most.min(*so_far.end()));
}

fn from(filter: &mut AuditFilter, at: UnixMillis) {
    filter.from = filter.from.max(Some(at));
}

fn to(filter: &mut AuditFilter, at: UnixMillis) {
    filter.to = Some(filter.to.map_or(at, |to| to.min(at)));
}

/// A JSON value as it would stand in an address.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of several readers, of which others refuse")]
fn as_it_is(_: &str, value: &str) -> Result<String, ApiError> {
    Ok(value.to_owned())
}

fn action(name: &str, value: &str) -> Result<String, ApiError> {
    if LATER.contains(&value) {
        as_it_is(name, value)
    } else {
        word(name, value, AuditAction::WORDS)
    }
}

fn target_type(name: &str, value: &str) -> Result<String, ApiError> {
    word(name, value, AuditTarget::WORDS)
}

fn word(name: &str, value: &str, words: &[&str]) -> Result<String, ApiError> {
    if words.contains(&value) {
        return as_it_is(name, value);
    }
    Err(invalid(format!("{name} was '{value}' but should be one of {}", words.join(", "))))
}

fn status(name: &str, value: &str) -> Result<String, ApiError> {
    Ok(number(name, value, 599)?.to_string())
}

fn number(name: &str, value: &str, most: u64) -> Result<u64, ApiError> {
    let number = value.parse::<u64>().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        invalid(format!("{name} was '{value}' but should be an integer from 1 to {most}"))
    })
}

fn token(value: &str) -> Result<i64, ApiError> {
    let token = value.parse::<i64>().ok().filter(|seq| *seq > 0);
    token.ok_or_else(|| invalid("nextToken should be the one of the page before"))
}

fn time(name: &str, value: &str) -> Result<UnixMillis, ApiError> {
    UnixMillis::parse_rfc3339(value).ok_or_else(|| {
        invalid(format!("{name} was '{value}' but should be a time such as 2031-05-04T10:20:30Z"))
    })
}

fn invalid(info: impl Into<String>) -> ApiError {
    ApiError::new(ErrorKind::InvalidRequest, info)
}

#[cfg(test)]
mod tests {
    use super::{AuditQuery, MAX_BYTES};

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (name, value) in [
            ("page", "0"),
            ("limit", "201"),
            ("limit", "-1"),
            ("nextToken", "x"),
            ("from", "yesterday"),
            ("action", "destroy"),
            ("action[not]", "destroy"),
            ("action[like]", "create"),
            ("action[gte]", "create"),
            ("action", r#"{"in": ["create", "destroy"]}"#),
            ("targetType", "house"),
            ("statusCode", "600"),
            ("result", "good"),
            ("statusCode[in]", "200,x"),
            ("statusCode", r#"{"gte": -1}"#),
            ("createdAt", "2031-05-04T10:20:30Z"),
            ("createdAt[gte]", "yesterday"),
            ("actorId[in]", &",".repeat(100)),
            ("actorId", r#"{"in": []}"#),
            ("actorId", r#"{"eq": null}"#),
        ] {
            let error = AuditQuery::parse([(name, value)]).unwrap_err();
            let field = name.split('[').next().unwrap();
            assert!(error.info.contains(field), "{error}");
        }
        let times = [("from", "2031-05-04T10:20:31Z"), ("to", "2031-05-04T10:20:30Z")];
        assert!(AuditQuery::parse(times).is_err());
        assert!(AuditQuery::parse([("limit", "200"), ("unknown", "x"), ("action", "")]).is_ok());
        assert!(AuditQuery::parse([("action", "fork")]).is_ok());
        let long = "x".repeat(MAX_BYTES + 1);
        assert!(AuditQuery::parse([("targetId", long.as_str())]).is_err());
        assert!(AuditQuery::parse([("targetId", &long[1..])]).is_ok());
    }

    #[test]
    fn a_field_is_narrowed_in_three_ways_that_mean_the_same() {
        let query = |name, value| AuditQuery::parse([(name, value)]).unwrap();
        for (plain, bracketed, object) in [
            (("action", "read"), ("action[eq]", "read"), ("action", r#"{"eq": "read"}"#)),
            (("statusCode", "403"), ("statusCode[in]", "403"), ("statusCode", r#"{"eq": 403}"#)),
            (
                ("from", "2031-05-04T10:20:30.001Z"),
                ("createdAt[gt]", "2031-05-04T10:20:30Z"),
                ("createdAt", r#"{"gte": "2031-05-04T12:20:30.001+02:00"}"#),
            ),
            (
                ("to", "2031-05-04T10:20:30Z"),
                ("createdAt[lte]", "2031-05-04T10:20:30Z"),
                ("createdAt", r#"{"lt": "2031-05-04T10:20:30.001Z"}"#),
            ),
        ] {
            let expected = query(plain.0, plain.1);
            assert_eq!(query(bracketed.0, bracketed.1), expected, "{bracketed:?}");
            assert_eq!(query(object.0, object.1), expected, "{object:?}");
        }
        let several = query("targetId[notIn]", "a,b");
        assert_eq!(several.filter.target_id.none_of, ["a", "b"]);
        assert_eq!(query("targetId", r#"{"notIn": ["a", "b"]}"#), several);
        let bounds = query("statusCode", r#"{"gt": 399, "lt": 500}"#).filter;
        assert_eq!(bounds.statuses, Some(400..=499));
        // A name may look like it.
        assert_eq!(query("targetId", "{x}").filter.target_id.one_of, ["{x}"]);
        assert_eq!(query("targetId", "a,b").filter.target_id.one_of, ["a,b"]);
    }
}
