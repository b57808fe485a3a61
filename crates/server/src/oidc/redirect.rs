//! Where people may be sent back to. Addresses are compared character for
//! character; on loopback any port will do, since the system chooses it (RFC
//! 8252, section 7.3).

use super::form::escaped;

/// Longest address, in bytes.
const MAX_BYTES: usize = 2048;

/// What people's own devices are called, by themselves.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// An address on this very machine, in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loopback<'a> {
    host: &'a str,
    /// From the first slash on.
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    /// Plain http and one of the three loopback names; then a port or none.
    fn of(uri: &'a str) -> Option<Self> {
        let rest = uri.strip_prefix("http://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        LOOPBACK.into_iter().find_map(|host| {
            let port = authority.strip_prefix(host)?;
            let is_port = |text: &str| {
                text.len() <= 5 && text.parse::<u16>().is_ok() && !text.starts_with('+')
            };
            let fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
            fits.then_some(Self { host, rest })
        })
    }
}

/// Whether `asked` is `registered`, or the same on another loopback port.
pub(crate) fn is_registered(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    match (Loopback::of(registered), Loopback::of(asked)) {
        (Some(registered), Some(asked)) => is_form_good(asked.rest) && registered == asked,
        _ => false,
    }
}

/// Whether an address is on this very machine, wherever there.
pub(crate) fn is_loopback(asked: &str) -> bool {
    is_form_good(asked) && Loopback::of(asked).is_some()
}

/// Whether an address is a site's, which only its owner's certificate opens. On
/// people's own devices a port or a scheme belongs to whoever takes it first.
pub(crate) fn is_site(uri: &str) -> bool {
    let is_own_device = |rest: &str| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let is_port = |rest: &str| rest.is_empty() || rest.starts_with(':');
        LOOPBACK.iter().any(|own| host.strip_prefix(own).is_some_and(is_port))
    };
    uri.strip_prefix("https://").is_some_and(|rest| !is_own_device(rest))
}

/// Why nobody may be sent to an address, if so: a client that asks for it
/// cannot be registered.
#[must_use]
pub fn fault_of(uri: &str) -> Option<&'static str> {
    if uri.is_empty() || !is_form_good(uri) {
        return Some("it must be an absolute address of plain ASCII without a fragment");
    }
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Some("it has no scheme");
    };
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    match scheme {
        "https" if is_web(rest) => None,
        "http" if Loopback::of(uri).is_some() => None,
        "http" => Some("plain http is for loopback addresses; use https"),
        // `com.example.app:/callback`: a name that only its owner has.
        _ if is_scheme(scheme) && scheme.contains('.') => None,
        _ => Some("its scheme must be https, http on loopback, or a reversed domain name"),
    }
}

/// A host that is only a host: no user, no backslash that some browsers take
/// for a slash.
fn is_web(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix("//") else {
        return false;
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(is_plain)
}

/// Characters that mean the same to every browser, and no fragment.
fn is_form_good(uri: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&byte);
    uri.len() <= MAX_BYTES && uri.bytes().all(is_plain)
}

/// `uri` with `pairs` in its query.
pub(crate) fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = uri.to_owned();
    for (name, value) in pairs {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        text.push_str(&escaped(value));
    }
    text
}

/// Whose an address is, for people: its host, or its scheme.
pub(crate) fn host_of(uri: &str) -> &str {
    let web = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
    match web {
        Some(rest) => rest.split(['/', '?']).next().unwrap_or_default(),
        None => uri.split(':').next().unwrap_or_default(),
    }
}

/// Scheme and host of an address, as a page's policy names a source; for an
/// application's own scheme, that. A policy has no form for IPv6 addresses: they
/// are in it by their scheme. `None` when it fits into no policy.
pub(crate) fn origin_of(uri: &str) -> Option<String> {
    let host = host_of(uri);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:+[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_plain) {
        return None;
    }
    let scheme = uri.split(':').next()?;
    Some(match scheme {
        "http" | "https" if !host.starts_with('[') => format!("{scheme}://{host}"),
        other => format!("{other}:"),
    })
}

#[cfg(test)]
mod tests {
    use super::{fault_of, host_of, is_loopback, is_registered, is_site, origin_of, with_query};

    #[test]
    fn addresses_are_compared_character_for_character() {
        let own = "https://app.example/cb";
        assert!(is_registered(own, own));
        for trick in [
            "https://app.example/cb/",
            "https://app.example/cb?x=1",
            "https://app.example/CB",
            "https://app.example/cb#f",
            "https://app.example/cb/../evil",
            "https://app.example@evil.example/cb",
            "https://app.example.evil.example/cb",
            "http://app.example/cb",
            "https://app.example:443/cb",
            "https://APP.example/cb",
            "//app.example/cb",
            "",
        ] {
            assert!(!is_registered(own, trick), "{trick}");
        }
    }

    #[test]
    fn on_loopback_any_port_will_do_and_nothing_else() {
        let own = "http://127.0.0.1/cb";
        for port in ["http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", own] {
            assert!(is_registered(own, port), "{port}");
        }
        for trick in [
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:8080/other",
            "http://localhost:8080/cb",
            "https://127.0.0.1:8080/cb",
            "http://127.0.0.1:8080\\@evil.example/cb",
            "http://0.0.0.0:8080/cb",
        ] {
            assert!(!is_registered(own, trick), "{trick}");
        }
        assert!(is_loopback("http://[::1]:9/x") && is_loopback("http://localhost:5000/auth?a=b"));
        assert!(!is_loopback("http://evil.example/") && !is_loopback("http://127.0.0.1:1/#f"));
    }

    #[test]
    fn only_addresses_that_cannot_be_misread_are_registered() {
        for good in [
            "https://app.example/cb?x=1",
            "http://localhost:3000/cb",
            "com.example.app:/cb",
            "https://[2001:db8::1]:8443/cb",
        ] {
            assert_eq!(fault_of(good), None, "{good}");
        }
        for bad in [
            "",
            "/cb",
            "http://app.example/cb",
            "https://user@app.example/cb",
            "https:app.example",
            "https:///cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.example/#x",
            "https://app.example\\@evil.example/",
            "https://app.example/ x",
        ] {
            assert!(fault_of(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_site_is_somebodys_and_a_port_of_a_device_is_not() {
        for site in ["https://app.example/cb", "https://localhost.example/", "https://127.0.0.10/"]
        {
            assert!(is_site(site), "{site}");
        }
        for device in [
            "http://127.0.0.1:4000/cb",
            "http://[::1]/cb",
            "https://localhost/cb",
            "https://localhost:3000",
            "https://[::1]:3000?x",
            "com.example.app:/cb",
        ] {
            assert!(!is_site(device), "{device}");
        }
    }

    #[test]
    fn each_address_has_a_source_that_a_policy_can_name() {
        for (address, source) in [
            ("https://app.example:8443/cb", Some("https://app.example:8443")),
            ("http://127.0.0.1:4000/cb", Some("http://127.0.0.1:4000")),
            ("http://[::1]:4000/cb", Some("http:")),
            ("https://[2001:db8::1]/cb", Some("https:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("https://a;b/cb", None),
            ("", None),
        ] {
            assert_eq!(origin_of(address).as_deref(), source, "{address}");
        }
    }

    #[test]
    fn answer_is_added_to_the_query_that_is_there() {
        let pairs = [("code", "a b"), ("state", "x&y\r\n")];
        assert_eq!(
            with_query("https://a.example/cb?q=1", &pairs),
            "https://a.example/cb?q=1&code=a%20b&state=x%26y%0D%0A"
        );
        assert_eq!(host_of("https://a.example:1/cb"), "a.example:1");
        assert_eq!(host_of("com.example.app:/cb"), "com.example.app");
    }
}
