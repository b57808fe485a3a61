//! Which control packets of a sender were seen before (RFC 3711, 3.3.2).

/// Packets a packet may be late behind the newest of its sender, in number;
/// what is later is taken for seen. More costs a wider word.
const WINDOW: u32 = u128::BITS;

/// The newest index of a sender, and those seen of the window that ends there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replay {
    newest: u32,
    /// The lowest bit is the newest.
    seen: u128,
}

impl Replay {
    /// After the first packet.
    pub(super) const fn new(index: u32) -> Self {
        Self { newest: index, seen: 1 }
    }

    /// Whether this may be opened.
    pub(super) const fn is_new(&self, index: u32) -> bool {
        match self.newest.checked_sub(index) {
            None => true,
            Some(age) => age < WINDOW && self.seen >> age & 1 == 0,
        }
    }

    /// Remembers what turned out to be authentic.
    pub(super) const fn insert(&mut self, index: u32) {
        if let Some(age) = self.newest.checked_sub(index) {
            if age < WINDOW {
                self.seen |= 1 << age;
            }
            return;
        }
        self.seen = match self.seen.checked_shl(index - self.newest) {
            Some(seen) => seen | 1,
            None => 1,
        };
        self.newest = index;
    }
}
