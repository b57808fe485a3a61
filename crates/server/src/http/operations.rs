//! Operations of the Daily API that this server does not have yet. They
//! authenticate like any other and then answer 501, so that a client learns
//! the truth; `docs/compatibility.md` lists them.

use axum::http::Method;
use parlor_model::key_permission::KeyPermission;

use crate::http::rate_limit::LimitClass;

/// One operation that answers 501.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Its method.
    pub method: Method,
    /// Its path below `/v1`, with `{}` around the variable segments.
    pub path: &'static str,
    /// Its name in the published API description.
    pub operation: &'static str,
    /// What a key needs to be told that it is missing.
    pub permission: KeyPermission,
    /// Which limit it counts against.
    pub class: LimitClass,
}

macro_rules! missing {
    ($($method:ident $path:literal $operation:literal $permission:ident $class:ident;)*) => {
        /// All of them, in the order of the published description.
        pub const MISSING: &[Missing] = &[$(Missing {
            method: Method::$method,
            path: $path,
            operation: $operation,
            permission: $permission,
            class: $class,
        },)*];
    };
}

missing! {}
