//! How much text a value is as JSON.

use std::io;

use serde::Serialize;

/// Whether the value takes at most `limit` bytes as JSON text. Stops counting
/// there.
pub(crate) fn is_within(value: &impl Serialize, limit: usize) -> bool {
    serde_json::to_writer(Counted { bytes: 0, limit }, value).is_ok()
}

/// How many bytes the value takes as JSON text.
pub(crate) fn size_of(value: &impl Serialize) -> usize {
    let mut counted = Counted { bytes: 0, limit: usize::MAX };
    // Without a limit nothing is refused, and values have string keys.
    serde_json::to_writer(&mut counted, value).ok();
    counted.bytes
}

struct Counted {
    bytes: usize,
    limit: usize,
}

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        if self.bytes > self.limit {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
