//! The providers on the page of somebody's sessions: which of them open the
//! account, and the way to change that.

use parlor_store::StoreError;
use parlor_store::oauth::federation;

use super::connect::connect_path;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::account::markup::text;
use crate::identity::session::SignedIn;

/// The section, where the operator named any provider; in the order of the
/// configuration.
pub(in crate::http::account) fn section(
    state: &AppState,
    signed_in: &SignedIn,
) -> Result<String, Failure> {
    let all = &state.cx.settings.identity_providers;
    let linked: Vec<bool> = state.cx.store.read(|c| {
        let user = signed_in.user;
        let each = all.iter().map(|provider| federation::is_linked(c, &provider.issuer, user));
        each.collect::<Result<_, StoreError>>()
    })?;
    let rows: String = all
        .iter()
        .zip(linked)
        .map(|(provider, is_linked)| {
            let (fact, word) = match is_linked {
                true => ("Opens your account", "Disconnect"),
                false => ("Not connected with your account", "Connect"),
            };
            let title = text(&provider.title);
            format!(
                r#"<li><div><b>{title}</b><small>{fact}</small></div><a class="btn s" href="{}" aria-label="{word} {title}">{word}</a></li>"#,
                text(&connect_path(provider))
            )
        })
        .collect();
    Ok(match rows.is_empty() {
        true => String::new(),
        false => {
            format!(r#"<h2 class="sub">Other ways to sign in</h2><ul class="list">{rows}</ul>"#)
        }
    })
}
