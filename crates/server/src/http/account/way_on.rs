//! Where somebody goes after signing in: an address of ours, and only such.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value in a query must not hold as it is.
const IN_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// First segments that lead on.
const OURS: [&str; 4] = ["account", "dashboard", "docs", "oauth"];

/// An address of ours: a path, perhaps with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WayOn(String);

impl WayOn {
    /// What `asked` names, if it is ours; else the dashboard. Browsers read
    /// `\` as `/` and skip tabs and line ends, so that nothing of the kind
    /// may be in it.
    pub(crate) fn of(asked: Option<&str>) -> Self {
        asked
            .filter(|asked| is_ours(asked))
            .map_or_else(Self::dashboard, |asked| Self(asked.to_owned()))
    }

    /// The dashboard.
    pub(crate) fn dashboard() -> Self {
        Self("/dashboard".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for somebody who is signed in and proves again who they are.
    pub(crate) fn by_signing_in_again(&self) -> String {
        format!("/account/sign-in?again=1&continue={}", utf8_percent_encode(&self.0, IN_QUERY))
    }

    /// The sign-in page that leads on there.
    pub(crate) fn by_sign_in(&self) -> String {
        format!("/account/sign-in?continue={}", self.escaped())
    }

    /// As a value in a query.
    pub(crate) fn escaped(&self) -> String {
        utf8_percent_encode(&self.0, IN_QUERY).to_string()
    }
}

fn is_ours(asked: &str) -> bool {
    let is_plain = asked.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = asked.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.split('/');
    is_plain
        && segments.next() == Some("")
        && segments.next().is_some_and(|first| OURS.contains(&first))
        && !segments.any(|segment| matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::WayOn;

    #[test]
    fn own_addresses_lead_on() {
        for asked in [
            "/dashboard",
            "/dashboard/api-keys",
            "/oauth/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example%2Fcb",
            "/account/device?user_code=ABCD-EFGH",
        ] {
            assert_eq!(WayOn::of(Some(asked)).as_str(), asked);
        }
        let way = WayOn::of(Some("/oauth/authorize?a=1&b=2"));
        assert_eq!(way.by_sign_in(), "/account/sign-in?continue=/oauth/authorize%3Fa%3D1%26b%3D2");
    }

    #[test]
    fn nothing_else_does() {
        for asked in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "/account//evil.example",
            "/account/../..//evil.example",
            "https://evil.example/account",
            "javascript:alert(1)",
            "account",
            "/standup",
            "/account\r\nSet-Cookie: x=1",
            "/account\t/x",
            "/ account",
            "/accounts",
            "/account/é",
        ] {
            assert_eq!(WayOn::of(Some(asked)), WayOn::dashboard(), "{asked:?}");
        }
        assert_eq!(WayOn::of(None), WayOn::dashboard());
    }
}
