//! Who somebody is and what they may do: the meeting tokens that are signed
//! with API keys. The keys themselves are the store's directory.

pub(crate) mod meeting_token;
