//! Which threads go first where there are fewer cores than work: those of media,
//! whose packets are worth nothing when they are late.

use rustix::process::setpriority_process;

/// How much nicer than others a media thread is not. Takes the right to be less
/// nice (`CAP_SYS_NICE`, `LimitNICE=`), which few processes have.
const MEDIA: i32 = -10;

/// How much nicer the threads of requests are: media get three times their share
/// of a core that both want.
const REQUESTS: i32 = 5;

/// The calling thread carries media.
pub(crate) fn raise() {
    // Not permitted to most; then the others make way.
    setpriority_process(None, MEDIA).ok();
}

/// The calling thread serves requests and makes way for media. To be called when
/// it starts; what it starts itself inherits it.
pub fn make_way() {
    // Where it fails both are equal, as without it.
    setpriority_process(None, REQUESTS).ok();
}
