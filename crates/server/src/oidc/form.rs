//! Parameters, from a query or from a form. Each may stand there once (RFC
//! 6749, section 3.1): of two, one part of a program would take the first and
//! another the last.

use std::fmt::Write as _;

use parlor_model::oauth::OauthErrorCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use super::Fault;

/// Most parameters that are looked at.
const MAX_PARAMETERS: usize = 64;

/// What a form leaves as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parameters of a request. An empty one counts as absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// When it is not that, has too many parameters, or one twice.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Fault> {
        let bad = |why: &str| Fault::new(OauthErrorCode::InvalidRequest, why);
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default());
            let value = decoded(halves.next().unwrap_or_default());
            let (Some(name), Some(value)) = (name, value) else {
                return Err(bad("a parameter is not percent-encoded UTF-8"));
            };
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(bad(&format!("the parameter {name} is there twice")));
            }
            if pairs.len() == MAX_PARAMETERS {
                return Err(bad(&format!("there are more than {MAX_PARAMETERS} parameters")));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// Those of a query.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub(crate) fn of_query(query: Option<&str>) -> Result<Self, Fault> {
        Self::parse(query.unwrap_or_default().as_bytes())
    }

    /// The value of `name`, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// When it is absent.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| Fault::missing(name))
    }

    /// All but those named.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.cloned().collect())
    }

    /// The same with one more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Every name with its value, in order.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// As the query of an address, without the question mark.
    pub(crate) fn to_query(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            let (name, value) = (escaped(name), escaped(value));
            let join = if text.is_empty() { "" } else { "&" };
            // Writing into a string does not fail.
            let _ = write!(text, "{join}{name}={value}");
        }
        text
    }
}

/// A value as it stands in a query.
pub(crate) fn escaped(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn parameter_may_be_there_once() {
        let form = Form::parse(b"a=1&b=x+y%21&c=").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1"), Some("x y!"), None));
        for bad in ["a=1&a=2", "a=%ff"] {
            assert!(Form::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let many = (0..65).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Form::parse(many.as_bytes()).is_err());
    }

    #[test]
    fn query_comes_back_as_it_was_meant() {
        let form = Form::default().with("a", "x&y=z ü").with("b", "\r\n");
        assert_eq!(form.to_query(), "a=x%26y%3Dz%20%C3%BC&b=%0D%0A");
        let again = Form::parse(form.to_query().as_bytes()).unwrap();
        assert_eq!(again.into_pairs(), form.into_pairs());
    }
}
