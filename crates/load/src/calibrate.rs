//! How fast this machine is at what forwarding mostly consists of, so that
//! figures of different machines, or of a busy and a quiet one, can be compared.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use quinn_udp::{Transmit, UdpSockRef, UdpSocketState};

const PACKET_BYTES: usize = 1200;
/// Packets in one call: what a frame of a camera makes.
const BURST: usize = 4;
const SAMPLES: usize = 20_000;

/// What the machine needs for one packet; medians, which a busy machine
/// disturbs less than means.
pub struct Calibration {
    /// To encrypt it.
    pub seal: Duration,
    /// To send it to a loopback socket, in bursts of four with one call.
    pub send: Duration,
}

/// Measures it; takes a fraction of a second.
pub fn run() -> Calibration {
    Calibration { seal: seal(), send: send() }
}

fn seal() -> Duration {
    let key = UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("16 bytes are a key");
    let key = LessSafeKey::new(key);
    let mut packet = [0; PACKET_BYTES];
    median((0..SAMPLES).map(|_| {
        let began = Instant::now();
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let _tag = key
            .seal_in_place_separate_tag(nonce, Aad::from([0; 12]), &mut packet)
            .expect("a packet is not too long to seal");
        began.elapsed()
    }))
}

fn send() -> Duration {
    let bind = || UdpSocket::bind(("127.0.0.1", 0)).expect("loopback has free ports");
    let (sender, receiver) = (bind(), bind());
    let state = UdpSocketState::new(UdpSockRef::from(&sender)).expect("it is a UDP socket");
    let contents = [0; PACKET_BYTES * BURST];
    let transmit = Transmit {
        destination: receiver.local_addr().expect("it is bound"),
        ecn: None,
        contents: &contents,
        segment_size: Some(PACKET_BYTES),
        src_ip: None,
    };
    let mut buffer = [0; PACKET_BYTES];
    let burst = median((0..SAMPLES).map(|_| {
        let began = Instant::now();
        state.try_send(UdpSockRef::from(&sender), &transmit).expect("loopback takes four packets");
        let elapsed = began.elapsed();
        // An unread socket would fill up, and dropping is cheaper than queueing.
        for _ in 0..BURST {
            receiver.recv(&mut buffer).expect("what was sent on loopback arrives");
        }
        elapsed
    }));
    burst / 4
}

fn median(samples: impl Iterator<Item = Duration>) -> Duration {
    let mut samples: Vec<_> = samples.collect();
    samples.sort_unstable();
    samples[samples.len() / 2]
}
