//! This server as an OpenID provider: the ways to a token, and the attacks on
//! them.

mod attacks;
mod code_flow;
mod consent;
mod device;
pub(crate) mod driver;
mod end;
mod hitches;
mod keys;
mod noted;
mod signed;
mod tokens;
