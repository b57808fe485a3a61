//! `meeting_join_hook`: an address that is posted to once somebody who was let
//! in has joined. The post is queued with the fact of joining; here is only
//! remembered whose it will be.

use parlor_model::id::{OrgId, ParticipantId, WebhookId};
use parlor_model::property::Effective;
use parlor_store::webhooks::{self, ExpectedJoin};
use reqwest::Url;

use crate::cx::AppState;
use crate::failure::Failure;
use crate::random;

/// Remembers where to post when `participant` joins, if anywhere. Whoever may
/// come in comes in, even if it cannot be remembered.
pub(super) async fn expect(
    state: &AppState,
    org: OrgId,
    participant: ParticipantId,
    effective: &Effective<'_>,
) -> Result<(), Failure> {
    let Some(url) = effective.meeting_join_hook().filter(|url| is_address(url)) else {
        return Ok(());
    };
    let join = ExpectedJoin {
        org_id: org,
        participant,
        url: url.to_owned(),
        new_id: WebhookId::from_random(random::bytes()?),
    };
    let (now, key) = (state.now(), state.cx.store.master_key().clone());
    let noted = state.cx.store.write(move |c| webhooks::expect_join(c, &join, now, &key)).await;
    if let Err(error) = noted {
        tracing::warn!(%error, participant.id = %participant, "a join hook could not be noted");
    }
    Ok(())
}

fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
