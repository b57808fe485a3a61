//! What the workers count. Each counts in plain numbers of its own and
//! publishes them once a turn; whoever asks reads the last published ones.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts of a worker, or their sums over a node.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        /// The published side of [`Counts`].
        #[derive(Default)]
        pub(crate) struct Published {
            $($name: AtomicU64,)*
        }

        impl Published {
            /// Makes the worker's numbers visible.
            pub(crate) fn store(&self, counts: &Counts) {
                $(self.$name.store(counts.$name, Relaxed);)*
            }

            /// The last published numbers.
            pub(crate) fn load(&self) -> Counts {
                Counts { $($name: self.$name.load(Relaxed),)* }
            }
        }

        impl std::ops::AddAssign for Counts {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

counters! {
    /// Datagrams received.
    packets_in,
    /// Bytes received, without UDP and IP headers.
    bytes_in,
    /// Datagrams that belong to no participant.
    packets_unknown,
    /// Reads that failed for another reason than an empty socket.
    receive_errors,
    /// Datagrams sent.
    packets_out,
    /// Bytes sent, without UDP and IP headers.
    bytes_out,
    /// Send calls that succeeded.
    send_calls,
    /// Of these, calls that sent more than one packet (GSO).
    gso_calls,
    /// Packets in those calls.
    gso_packets,
    /// Packets given up: the socket was full for too long, or refused them.
    packets_dropped,
    /// Send calls that failed for another reason than a full socket.
    send_errors,
    /// Packets received on connections (ICE-TCP, TURN).
    stream_packets_in,
    /// Their bytes, without framing.
    stream_bytes_in,
    /// Packets handed to connections.
    stream_packets_out,
    /// Their bytes, without framing.
    stream_bytes_out,
    /// Connections now.
    streams,
    /// Handshake packets that had to wait for another turn.
    handshakes_deferred,
    /// Those given up because too many waited.
    handshakes_dropped,
    /// Shards of other workers' rooms that it runs now.
    shards,
    /// Packets for shards of its own rooms that were left out because the
    /// shard did not keep up.
    shard_inputs_dropped,
    /// Shards of its own rooms that were lost.
    shards_lost,
    /// Times the worker woke up.
    turns,
    /// Time spent between waking up and waiting again, in microseconds.
    busy_micros,
    /// Rooms now.
    rooms,
    /// Call sockets now.
    connections,
}

impl Counts {
    /// Counts one successful send call.
    pub(crate) fn sent(&mut self, packets: usize, bytes: usize) {
        self.packets_out += packets as u64;
        self.bytes_out += bytes as u64;
        self.send_calls += 1;
        if packets > 1 {
            self.gso_calls += 1;
            self.gso_packets += packets as u64;
        }
    }
}
