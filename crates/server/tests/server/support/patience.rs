//! Waiting for what comes to be sooner or later.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks until there is something, and fails when there is nothing in time.
pub(crate) async fn until<T, E: Display>(mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(missing) => assert!(Instant::now() < end, "did not come to be: {missing}"),
        }
        tokio::task::yield_now().await;
    }
}
