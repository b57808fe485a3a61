//! Where organizations live. The first one is at the server's own origin, a
//! further one at `<domain>.<host>`; where the host is a loopback address, at
//! `<domain>.localhost`, which browsers resolve without DNS.

use std::net::SocketAddr;

/// The server's own origin, as the operator set it: `https://meet.example.org`.
/// Never taken from a request's `Host` header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    scheme: &'a str,
    /// With the port, where it is not the scheme's own.
    host: &'a str,
}

impl<'a> Origin<'a> {
    /// The origin of a `public_url`.
    pub(crate) fn of(public_url: &'a str) -> Self {
        let (scheme, host) = public_url.split_once("://").unwrap_or(("http", public_url));
        Self { scheme, host: host.trim_end_matches('/') }
    }

    /// The origin itself, without a slash at its end.
    pub(crate) fn own(self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    /// Its host, with the port where it is not the scheme's own: what people
    /// call the server.
    pub(crate) fn host(self) -> &'a str {
        self.host
    }

    /// The origin of a further organization.
    pub(crate) fn of_domain(self, domain: &str) -> String {
        let parent = match self.loopback_port() {
            Some(port) => format!("localhost:{port}"),
            None => self.host.to_owned(),
        };
        format!("{}://{domain}.{parent}", self.scheme)
    }

    /// The domain of the organization that `host` belongs to; `None` for the
    /// server's own host and for any that is not below it. In lower case:
    /// hosts have none (RFC 9110, section 4.2.3).
    pub(crate) fn domain_in(self, host: &str) -> Option<String> {
        let host = host.to_ascii_lowercase();
        let below = |parent: &str| {
            let parent = parent.to_ascii_lowercase();
            let label = host.strip_suffix(&parent)?.strip_suffix('.')?;
            (!label.is_empty() && !label.contains('.')).then(|| label.to_owned())
        };
        let localhost = || below(&format!("localhost:{}", self.loopback_port()?));
        below(self.host).or_else(localhost)
    }

    /// Whether `host` is this server's, or an organization's on it.
    pub(crate) fn is_own(self, host: &str) -> bool {
        host.eq_ignore_ascii_case(self.host) || self.domain_in(host).is_some()
    }

    /// What call sockets of this origin begin with, as a page's policy names
    /// them. A page on a loopback address may be opened by its name, too.
    pub(crate) fn sockets(self) -> Vec<String> {
        let scheme = if self.scheme == "https" { "wss" } else { "ws" };
        let mut hosts = vec![self.host.to_owned()];
        if let Some(port) = self.loopback_port() {
            hosts.extend(["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}")));
            hosts.dedup();
        }
        // A policy has no form for IPv6 addresses.
        hosts.retain(|host| !host.starts_with('['));
        hosts.iter().map(|host| format!("{scheme}://{host}")).collect()
    }

    /// Whether it is an address of the machine itself, not a name.
    pub(crate) fn is_loopback_address(self) -> bool {
        self.loopback_port().is_some()
    }

    fn loopback_port(self) -> Option<u16> {
        let address = self.host.parse::<SocketAddr>().ok()?;
        address.ip().is_loopback().then(|| address.port())
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn further_organizations_live_below_the_own_host() {
        let origin = Origin::of("https://meet.example.org");
        assert_eq!(origin.own(), "https://meet.example.org");
        assert_eq!(origin.of_domain("acme"), "https://acme.meet.example.org");
        assert_eq!(origin.domain_in("acme.meet.example.org"), Some("acme".to_owned()));
        assert_eq!(origin.domain_in("ACME.Meet.Example.org"), Some("acme".to_owned()));
        for other in ["meet.example.org", "a.b.meet.example.org", ".meet.example.org", "acme.org"] {
            assert_eq!(origin.domain_in(other), None, "{other}");
        }
        assert!(origin.is_own("meet.example.org") && origin.is_own("acme.meet.example.org"));
        assert!(!origin.is_own("other.example.org"));
    }

    #[test]
    fn sockets_are_on_the_own_host_and_on_loopback_under_its_name_too() {
        let sockets = |url| Origin::of(url).sockets();
        assert_eq!(sockets("https://meet.example.org"), ["wss://meet.example.org"]);
        let loopback = ["ws://127.0.0.1:8080", "ws://localhost:8080"];
        assert_eq!(sockets("http://127.0.0.1:8080"), loopback);
        assert_eq!(sockets("http://[::1]:8080"), loopback);
    }

    #[test]
    fn on_loopback_they_live_below_localhost() {
        for (url, port) in [("http://127.0.0.1:8080", 8080), ("http://[::1]:9000/", 9000)] {
            let origin = Origin::of(url);
            let host = format!("acme.localhost:{port}");
            assert_eq!(origin.of_domain("acme"), format!("http://{host}"));
            assert_eq!(origin.domain_in(&host), Some("acme".to_owned()));
        }
        assert_eq!(Origin::of("http://[::1]:9000/").own(), "http://[::1]:9000");
        assert_eq!(Origin::of("http://127.0.0.1:8080").domain_in("localhost:8080"), None);
    }
}
