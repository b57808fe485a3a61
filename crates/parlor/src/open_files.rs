//! How many files and sockets the process may have open. Most systems start a
//! process with 1024, for programs of the nineties, and let it raise that
//! itself.

/// As many as a node can use. Some containers allow a thousand times more,
/// and the kernel's table of a process grows with what is asked for.
const ENOUGH: u64 = 1 << 20;

/// Kept for the records, the media sockets and the runtime.
const OWN: u64 = 256;

/// Raises the limit as far as the system lets us; says what it is now, if that
/// can be known.
pub(crate) fn raise() -> Option<u64> {
    match rlimit::increase_nofile_limit(ENOUGH) {
        Ok(limit) => {
            tracing::debug!(limit, "files that may be open");
            Some(limit)
        }
        Err(error) => {
            tracing::debug!(%error, "the limit of open files could not be raised");
            None
        }
    }
}

/// How many connections fit below a limit of open files, and at most `wanted`.
/// Accepting more than that would fail, again and again.
pub(crate) fn connections(wanted: usize, limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return wanted };
    let room = limit.saturating_sub(OWN).max(limit / 2);
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::{connections, raise};

    #[test]
    fn connections_leave_files_for_everything_else() {
        assert_eq!(connections(16_384, None), 16_384);
        assert_eq!(connections(16_384, Some(1 << 20)), 16_384);
        assert_eq!(connections(16_384, Some(1024)), 768);
        assert_eq!(connections(16_384, Some(256)), 128);
    }

    #[test]
    fn limit_is_raised_to_the_hard_one() {
        let raised = raise();
        let (soft, hard) = rlimit::Resource::NOFILE.get().unwrap();
        assert_eq!(raised, Some(soft));
        assert!(soft >= hard.min(super::ENOUGH));
    }
}
