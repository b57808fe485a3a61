//! Every address of the server is an operation that names its permission, or
//! is on the lists of this page, which say why it names none. The lists are
//! compared with the source, so that an address that is added anywhere fails
//! here until somebody has decided who may use it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use parlor_server::{Credentials, Need, identity_routes};

/// Operations of the identity face that demand no permission of anybody, and
/// why.
const WITHOUT_PERMISSION: &[(&str, &str)] = &[
    ("read_config", "public: clients read it before they sign in"),
    ("check_health", "public: load balancers"),
    ("check_readiness", "public: load balancers"),
    ("read_current_api_key", "about the key itself"),
    ("read_me", "about the caller"),
    ("list_account_providers", "about the caller"),
    ("list_organizations", "the caller's own"),
    ("create_organization", "becomes the caller's own"),
    ("read_organization", "whoever belongs to it may know it"),
    ("leave_organization", "about the caller"),
    ("read_organization_usage", "whoever belongs to it may know it"),
    ("list_members", "whoever belongs to it may know with whom"),
    ("list_roles", "whoever belongs to it may know what there is to be"),
    ("list_my_invitations", "the caller's own"),
    ("count_my_invitations", "the caller's own"),
    ("accept_invitation", "the caller's own"),
    ("decline_invitation", "the caller's own"),
];

/// Operations of which people need no permission, since they reach their own
/// keys alone.
const KEYS_OF_PEOPLE: &[&str] = &[
    "change_api_key",
    "create_api_key",
    "list_api_keys",
    "read_api_key",
    "delete_api_key",
    "delete_api_key_of_user",
    "rotate_api_key",
];

/// Addresses that are no operations of the two faces, and what guards them.
const OUTSIDE: &[(&str, &str)] = &[
    ("/", "public: the start page"),
    ("/.well-known/jwks.json", "public: keys that check signatures"),
    ("/.well-known/openid-configuration", "public: discovery"),
    ("/_dev/clock", "the emulator alone; admin:organization"),
    ("/_dev/crash", "the emulator alone; admin:organization"),
    ("/_dev/faults", "the emulator alone; admin:organization"),
    ("/_dev/reset", "the emulator alone; admin:organization"),
    ("/_parlor/act", "a participant's ticket"),
    ("/_parlor/call", "a participant's ticket"),
    ("/_parlor/join", "the room's privacy, or a meeting token"),
    ("/_parlor/logs", "the pass that joining gave"),
    ("/account", "a session"),
    ("/account/applications/end", "a session and its anti-forgery value"),
    ("/account/device", "a session; a code that somebody reads off a screen"),
    ("/account/forgotten", "public: words alone"),
    ("/account/invitations/{secret}", "the secret of the link"),
    ("/account/passkeys", "a session"),
    ("/account/passkeys/begin", "a fresh session and its anti-forgery value"),
    ("/account/passkeys/finish", "a fresh session and its anti-forgery value"),
    ("/account/passkeys/remove", "a session and its anti-forgery value"),
    ("/account/password", "a session; the password before, or a fresh one"),
    ("/account/sessions", "a session"),
    ("/account/sessions/end", "a session and its anti-forgery value"),
    ("/account/sessions/end-others", "a session and its anti-forgery value"),
    ("/account/sign-in", "public: the way in, throttled"),
    ("/account/sign-in/passkey/begin", "public: the way in, throttled"),
    ("/account/sign-in/passkey/finish", "public: the answer of a passkey, once"),
    ("/account/sign-in/{provider}", "public: the way to a provider, throttled"),
    ("/account/sign-in/{provider}/callback", "the browser that was sent out, with its answer"),
    ("/account/sign-in/{provider}/connect", "a fresh session and its anti-forgery value"),
    ("/account/sign-out", "a session and its anti-forgery value"),
    ("/account/token", "a session and its anti-forgery value"),
    ("/api/openapi.json", "public: the document"),
    ("/c.daily.co/call-machine/versioned/{version}/static/{file}", "public: the bundle"),
    ("/call-machine/versioned/{version}/static/{file}", "public: the bundle"),
    ("/dashboard", "a session"),
    ("/dashboard/{*page}", "a session"),
    ("/docs", "public: the reference"),
    ("/healthz", "public: load balancers"),
    ("/oauth/authorize", "a session; a registered application"),
    ("/oauth/device", "a registered application"),
    ("/oauth/logout", "a session and a question, or an ID token"),
    ("/oauth/openapi.json", "public"),
    ("/oauth/revoke", "a registered application and its token"),
    ("/oauth/token", "a registered application and its code or token"),
    ("/oauth/userinfo", "an access token"),
    ("/oauth/{*rest}", "nothing is there"),
    ("/readyz", "public: load balancers"),
    ("/robots.txt", "public"),
    ("/static/account.css", "public"),
    ("/static/account.js", "public"),
    ("/static/parlor.svg", "public"),
    ("/static/start.css", "public"),
    ("/static/{*path}", "public: assets"),
    ("{base}/openapi.json", "public: the document"),
];

/// Where an address is not written out: the loops over the two tables of
/// operations.
const TABLES: [&str; 2] = ["format!(\"{base}{}\"", "join_path(base, operation.path)"];

#[test]
fn operation_without_a_permission_is_on_the_list_that_says_why() {
    let free: BTreeSet<_> = identity_routes()
        .into_iter()
        .filter(|route| route.need == Need::Membership || route.credentials == Credentials::None)
        .map(|route| route.operation)
        .collect();
    let listed: BTreeSet<_> = WITHOUT_PERMISSION.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(free, listed, "give the operation a permission, or a line above");
    let of_people: BTreeSet<_> = identity_routes()
        .into_iter()
        .filter(|route| matches!(route.need, Need::KeyHolds(_)))
        .map(|route| route.operation)
        .collect();
    assert_eq!(of_people, KEYS_OF_PEOPLE.iter().copied().collect());
}

#[test]
fn address_outside_of_the_tables_is_on_the_list_that_says_who_may_use_it() {
    let mut found = BTreeSet::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for part in ["server/src", "media/src", "parlor/src"] {
        collect(&crates.join(part), &mut found);
    }
    let listed: BTreeSet<_> = OUTSIDE.iter().map(|(address, _)| (*address).to_owned()).collect();
    assert_eq!(found, listed, "put the route into a table of operations, or a line above");
}

/// The addresses that the files below `folder` give to a router.
fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for other in [".nest(", ".route_service(", ".nest_service(", ".fallback_service("] {
            assert!(!text.contains(other), "{}: {other} hides addresses", path.display());
        }
        for (at, _) in text.match_indices(".route(") {
            // The edge's own method, which hands a request to the router.
            let rest = text[at + ".route(".len()..].trim_start();
            if rest.starts_with("request)")
                || TABLES.iter().any(|it| rest.trim_start_matches('&').starts_with(it))
            {
                continue;
            }
            let literal = rest.trim_start_matches("&format!(").strip_prefix('"');
            let literal = literal.and_then(|rest| rest.split_once('"'));
            let (address, _) = literal.unwrap_or_else(|| {
                panic!("{}: an address that is not written out: {:.60}", path.display(), rest)
            });
            found.insert(address.to_owned());
        }
    }
}
