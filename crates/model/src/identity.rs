//! Bodies of the identity face: `/users`, `/organizations`, `/audit`, and the
//! words they are made of. Names are camelCase, times ISO 8601 in UTC with
//! milliseconds. Fields that are not known are ignored in requests.

pub mod api_key;
pub mod audit;
pub mod email;
pub mod error;
pub mod invitation;
pub mod limits;
pub mod member;
pub mod organization;
pub mod role;
mod timestamp;
pub mod user;

pub use email::Email;
pub use timestamp::Timestamp;
