//! The binary as people run it: real processes, real sockets, real signals.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod binary {
    mod api_key;
    mod dev;
    mod doctor;
    mod emulator;
    mod person;
    mod process;
    mod room;
    mod secrets;
    mod serve;
    mod terminal;
    mod token;
    mod user;
    mod webhook;
}
