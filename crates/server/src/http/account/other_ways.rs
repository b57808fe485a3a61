//! Ways into an account besides its password: a passkey, a provider.

use super::icons::{PASSKEY, PROVIDER};
use super::markup::text;
use super::way_on::WayOn;
use crate::cx::AppState;
use crate::oidc::federation;

/// What stands below the form; nothing where the password is the only way.
/// Without a script there are no passkeys, and the script shows them.
pub(super) fn shown(state: &AppState, way: &WayOn, is_again: bool) -> String {
    let mut ways = String::new();
    let providers = providers(state, way, is_again);
    let origin = state.passkeys.origin().unwrap_or_default();
    if !origin.is_empty() {
        ways.push_str(&passkey(&origin));
    }
    for (name, address) in &providers {
        ways.push_str(&provider(name, address));
    }
    match (ways.is_empty(), providers.is_empty()) {
        (true, _) => String::new(),
        (false, true) => {
            format!(
                r#"<div class="others" data-passkeys="{}" hidden>{OR}{ways}</div>"#,
                text(&origin)
            )
        }
        (false, false) => format!(r#"<div class="others">{OR}{ways}</div>"#),
    }
}

const OR: &str = r#"<p class="or">or</p>"#;

fn passkey(origin: &str) -> String {
    format!(
        r#"<div data-passkeys="{}" hidden><button class="btn l wide" type="button" data-passkey="sign-in">{PASSKEY}Use a passkey</button>
<p class="note bad" role="alert" data-passkey-problem hidden></p></div>"#,
        text(origin)
    )
}

fn provider(name: &str, address: &str) -> String {
    format!(
        r#"<a class="btn l wide" href="{}">{PROVIDER}Continue with {}</a>"#,
        text(address),
        text(name)
    )
}

/// The providers that the operator set up: what they are called, and where
/// signing in with them begins. `is_again`: they prove there, too, who they are.
fn providers(state: &AppState, way: &WayOn, is_again: bool) -> Vec<(String, String)> {
    let again = if is_again { "again=1&" } else { "" };
    let begin = |(name, path): (String, String)| {
        (name, format!("{path}?{again}continue={}", way.escaped()))
    };
    federation::providers(state).into_iter().map(begin).collect()
}
