//! Signing in through another provider: a second instance of this server over
//! HTTP, and a provider that says whatever a test wants it to say.

mod accounts;
mod browser;
mod browsers;
mod connect;
mod foreign;
mod last_way;
mod tokens;
mod two_servers;
mod unverified;
