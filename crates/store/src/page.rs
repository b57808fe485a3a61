//! Pages of a list: newest first, walked with the ids of objects.

use thiserror::Error;

/// Most objects in one page.
pub const MAX_LIMIT: u32 = 100;

/// Where a page lies in its list.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Cursor {
    /// The newest objects.
    #[default]
    Newest,
    /// Begins with the object just after (older than) this one.
    After(String),
    /// Ends with the object just before (newer than) this one.
    Before(String),
    /// The oldest objects; the last of the page is the oldest of all.
    Oldest,
}

/// Two cursors were given, and they contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("starting_after and ending_before cannot be used together")]
pub struct BothCursors;

impl Cursor {
    /// The query parameter that says it.
    #[must_use]
    pub fn parameter(&self) -> &'static str {
        match self {
            Self::After(_) => "starting_after",
            Self::Newest | Self::Before(_) | Self::Oldest => "ending_before",
        }
    }

    /// Reads the two query parameters of a list. `ending_before=OLDEST` is the
    /// last page.
    ///
    /// # Errors
    /// [`BothCursors`] when both are there.
    pub fn parse(
        starting_after: Option<&str>,
        ending_before: Option<&str>,
    ) -> Result<Self, BothCursors> {
        match (starting_after, ending_before) {
            (None, None) => Ok(Self::Newest),
            (Some(id), None) => Ok(Self::After(id.to_owned())),
            (None, Some("OLDEST")) => Ok(Self::Oldest),
            (None, Some(id)) => Ok(Self::Before(id.to_owned())),
            (Some(_), Some(_)) => Err(BothCursors),
        }
    }
}

/// Which page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    limit: u32,
    cursor: Cursor,
}

impl PageRequest {
    /// A page of at most `limit` objects, clamped to 1 ..= [`MAX_LIMIT`].
    #[must_use]
    pub fn new(limit: u32, cursor: Cursor) -> Self {
        Self { limit: limit.clamp(1, MAX_LIMIT), cursor }
    }

    /// Most objects in the page.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Where the page lies.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::new(MAX_LIMIT, Cursor::Newest)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// How many objects the whole list has, whatever the cursor.
    pub total_count: u64,
    /// The objects of this page, newest first.
    pub items: Vec<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_from_the_query() {
        assert_eq!(Cursor::parse(None, None), Ok(Cursor::Newest));
        assert_eq!(Cursor::parse(Some("a"), None), Ok(Cursor::After("a".into())));
        assert_eq!(Cursor::parse(None, Some("a")), Ok(Cursor::Before("a".into())));
        assert_eq!(Cursor::parse(None, Some("OLDEST")), Ok(Cursor::Oldest));
        assert_eq!(Cursor::parse(Some("a"), Some("b")), Err(BothCursors));
    }

    #[test]
    fn a_limit_is_clamped() {
        assert_eq!(PageRequest::new(0, Cursor::Newest).limit(), 1);
        assert_eq!(PageRequest::new(5000, Cursor::Newest).limit(), 100);
    }
}
