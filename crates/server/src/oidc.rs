//! This server as an OpenID provider: who asks ([`clients`]), people's way to a
//! code ([`authorize`]), codes and refresh tokens to tokens ([`token`]),
//! devices without a browser ([`device`]), and giving it all back
//! ([`end`]). No HTTP here; the addresses are in `http::oauth`. And the other way
//! round: people who sign in here through another provider ([`federation`]).

pub(crate) mod authorize;
pub(crate) mod clients;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod end;
pub(crate) mod fault;
pub(crate) mod federation;
pub(crate) mod form;
pub(crate) mod redirect;
pub(crate) mod token;
pub(crate) mod tokens;

pub(crate) use fault::Fault;
pub(crate) use form::Form;
