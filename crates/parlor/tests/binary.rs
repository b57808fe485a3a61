//! The binary as people run it: real processes, real sockets, real signals.

mod binary {
    mod api_key;
    mod dev;
    mod process;
    mod serve;
}
