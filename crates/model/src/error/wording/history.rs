//! Texts of the history's routes.

use super::echo;
use crate::error::{ApiError, ErrorKind};

/// History.
impl ApiError {
    /// No such meeting.
    #[must_use]
    pub fn meeting_not_found(id: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("meeting {} not found", echo(id)))
    }

    /// A page of participants on which nobody is left.
    #[must_use]
    pub fn no_more_participants(id: &str) -> Self {
        let info = format!("meeting {} has no more participants", echo(id));
        Self::new(ErrorKind::NotFound, info)
    }
}
