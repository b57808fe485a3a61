//! Control packets, encrypted and in clear, and the sealing of packets.

use zeroize::Zeroizing;

use crate::rtcp::{self, Control};
use crate::srtp::{KeyingMaterial, Keys, Profile, is_control};

/// Reads bytes as a compound packet, to the end of every list in it.
///
/// # Panics
/// When there is more in it than its bytes can say.
pub fn read_control(compound: &[u8]) {
    let mut steps = 0;
    for control in rtcp::read(compound) {
        steps += 1 + match control {
            Control::SenderReport(_, blocks) | Control::ReceiverReport { blocks, .. } => {
                blocks.count()
            }
            Control::Nack { lost, .. } => lost.count(),
            Control::Fir { requests, .. } => requests.count(),
            Control::Remb { sources, .. } | Control::Goodbye { sources } => sources.count(),
            Control::TransportFeedback(whole) => {
                assert!(whole.len() % 4 == 0, "cut within a word");
                0
            }
            Control::Pli { .. } | Control::Other(_) => 0,
        };
    }
    assert!(steps <= compound.len() / 4 * 17 + 1, "{steps} steps");
}

/// Opens bytes as they are, then sealed, then sealed and altered. The first
/// five say how: profile, where the packet begins, its header's length, and
/// which bit is altered.
///
/// # Panics
/// When something opens that must not, or otherwise than it was.
pub fn open_control(data: &[u8]) {
    let Some(([profile, start, header, bit @ ..], packet)) = data.split_first_chunk::<5>() else {
        return;
    };
    let (mut client, mut server) = ends(*profile);
    let mut scratch = Vec::new();
    assert!(server.opener.open(packet, &mut scratch).is_none(), "that was not authentic");
    assert!(client.opener.open(packet, &mut scratch).is_none(), "that was not authentic");

    let mut out = packet.to_vec();
    if client.sealer.seal_rtcp(&mut out, 0).is_ok() {
        let mut altered = out.clone();
        let bit = usize::from(u16::from_be_bytes(*bit)) % (altered.len() * 8);
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(server.opener.open(&altered, &mut scratch).is_none(), "bit {bit} is free");
        let opened = server.opener.open(&out, &mut scratch);
        assert_eq!(opened, is_control(packet).then_some(packet));
        assert!(server.opener.open(&out, &mut scratch).is_none(), "it was opened twice");
    }

    let (start, header) = (usize::from(*start), usize::from(*header));
    let mut out = packet.to_vec();
    let kept = start + header;
    let is_sealed = client.sealer.seal_rtp(&mut out, start, header, 7, 9).is_ok();
    assert_eq!(is_sealed, header >= 12 && kept <= packet.len());
    if is_sealed {
        assert_eq!(out[..kept], packet[..kept], "what is in clear has changed");
    } else {
        assert_eq!(out, packet[..start.min(packet.len())], "it stays in clear");
    }
}

fn ends(profile: u8) -> (Keys, Keys) {
    let (profile, length) = match profile % 3 {
        0 => (Profile::Aes128Gcm, 56),
        1 => (Profile::Aes256Gcm, 88),
        _ => (Profile::Aes128CmSha1_80, 60),
    };
    let end = |is_client| {
        let bytes = Zeroizing::new((0..length).collect());
        let keys = Keys::derive(&KeyingMaterial { profile, bytes, is_client });
        keys.expect("the length is the profile's")
    };
    (end(true), end(false))
}
