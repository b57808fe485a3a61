//! What a provider says of itself: its metadata and its keys, kept for a while.

use std::sync::{Arc, PoisonError, RwLock};

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, ProviderMetadata};
use parlor_model::time::UnixMillis;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::outside::Caller;
use super::provider::ProviderError;

/// For how long metadata and keys are kept, in seconds. Longer spares the
/// provider requests; shorter notices sooner that a key was taken back.
const KEEP_SECONDS: i64 = 3600;

/// How soon after one look the provider is looked at again, in seconds: after a
/// failure, and for a token with a key that is not known. Sooner lets strangers
/// make us ask more often.
const AGAIN_SECONDS: i64 = 10;

/// Metadata of newer standards.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct MoreMetadata {
    /// Whether answers name their issuer (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for MoreMetadata {}

/// All of a provider's metadata, with its keys.
pub(super) type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The last look at a provider.
#[derive(Debug, Default)]
pub(super) struct Discovered {
    last: RwLock<Last>,
    /// Held by whoever looks: others wait for what they find.
    turn: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Last {
    looked_at: UnixMillis,
    found: Option<Found>,
}

#[derive(Clone, Debug)]
struct Found {
    at: UnixMillis,
    metadata: Arc<Metadata>,
}

impl Default for Last {
    fn default() -> Self {
        Self { looked_at: UnixMillis::new(0), found: None }
    }
}

impl Last {
    /// What was found, as long as it is good.
    fn fresh(&self, now: UnixMillis) -> Option<Arc<Metadata>> {
        let found = self.found.as_ref()?;
        is_within(found.at, KEEP_SECONDS, now).then(|| Arc::clone(&found.metadata))
    }

    fn is_recent(&self, now: UnixMillis) -> bool {
        is_within(self.looked_at, AGAIN_SECONDS, now)
    }
}

/// Whether less than `seconds` passed since `then`. A clock that was set back
/// makes everything old.
fn is_within(then: UnixMillis, seconds: i64, now: UnixMillis) -> bool {
    let passed = now.as_millis().saturating_sub(then.as_millis());
    (0..seconds * 1000).contains(&passed)
}

impl Discovered {
    /// What is known; looked up when it is too old.
    pub(super) async fn get(
        &self,
        issuer: &str,
        caller: &Caller,
        now: UnixMillis,
    ) -> Result<Arc<Metadata>, ProviderError> {
        if let Some(found) = self.last().fresh(now) {
            return Ok(found);
        }
        let _turn = self.turn.lock().await;
        let last = self.last();
        match last.fresh(now) {
            Some(found) => Ok(found),
            None if last.is_recent(now) => Err(ProviderError::Unavailable),
            None => self.look(issuer, caller, now).await,
        }
    }

    /// What is known after `seen`, which lack a key: the provider may have
    /// changed its keys meanwhile. `None` when it was looked at a moment ago.
    pub(super) async fn newer(
        &self,
        seen: &Arc<Metadata>,
        issuer: &str,
        caller: &Caller,
        now: UnixMillis,
    ) -> Result<Option<Arc<Metadata>>, ProviderError> {
        let _turn = self.turn.lock().await;
        let last = self.last();
        match last.fresh(now) {
            Some(found) if !Arc::ptr_eq(&found, seen) => Ok(Some(found)),
            _ if last.is_recent(now) => Ok(None),
            _ => self.look(issuer, caller, now).await.map(Some),
        }
    }

    /// Asks the provider. A look that fails takes nothing away that is good.
    async fn look(
        &self,
        issuer: &str,
        caller: &Caller,
        now: UnixMillis,
    ) -> Result<Arc<Metadata>, ProviderError> {
        let url = IssuerUrl::new(issuer.to_owned())
            .map_err(|error| ProviderError::wrong("its issuer is no address", &error))?;
        let looked = Metadata::discover_async(url, caller).await;
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        last.looked_at = now;
        let metadata = looked
            .map(Arc::new)
            .map_err(|error| ProviderError::wrong("its metadata and keys cannot be had", &error))?;
        last.found = Some(Found { at: now, metadata: Arc::clone(&metadata) });
        Ok(metadata)
    }

    fn last(&self) -> Last {
        self.last.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
