//! Bodies of the public API, by resource. Foreign spelling stops here.

pub mod permissions;
