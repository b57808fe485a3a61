//! What somebody on the way, or the owner of the keys, may try.

use proptest::prelude::*;

use super::super::{Keys, Profile, SealError};
use super::{PROFILES, ends, material, report};

/// A control packet of the client's with this index.
fn sealed(client: &mut Keys, ssrc: u32, index: u32) -> Vec<u8> {
    client.sealer.next_control = index;
    let mut out = report(ssrc);
    client.sealer.seal_rtcp(&mut out, 0).unwrap();
    out
}

#[test]
fn a_packet_is_opened_once_and_only_if_it_is_not_too_late() {
    for profile in PROFILES {
        let (mut client, mut server) = ends(profile);
        let mut opens = |index, ssrc| {
            let datagram = sealed(&mut client, ssrc, index);
            server.opener.open(&datagram, &mut Vec::new()).is_some()
        };
        assert!(opens(1000, 1), "any number may be the first");
        assert!(!opens(1000, 1));
        assert!(opens(1000, 2), "each sender counts for itself");
        assert!(opens(999, 1) && !opens(999, 1));
        assert!(opens(873, 1), "the last of the window");
        assert!(!opens(872, 1), "behind it");
        assert!(opens(1001, 1) && !opens(873, 1) && opens(874, 1));
        assert!(opens(1129, 1) && !opens(1001, 1) && opens(1002, 1));
        assert!(opens(0x7fff_ffff, 1) && !opens(1129, 1) && !opens(0x7fff_ffff, 1));
    }
}

#[test]
fn what_is_not_authentic_uses_up_no_number() {
    for profile in PROFILES {
        let (mut client, mut server) = ends(profile);
        let good = sealed(&mut client, 1, 5);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(server.opener.open(&bad, &mut Vec::new()), None, "{profile:?} {bit}");
        }
        for length in 0..good.len() {
            assert_eq!(server.opener.open(&good[..length], &mut Vec::new()), None);
        }
        assert_eq!(server.opener.open(&good, &mut Vec::new()), Some(&*report(1)));
    }
}

#[test]
fn the_memory_of_senders_is_bounded() {
    let (mut client, mut server) = ends(Profile::Aes256Gcm);
    let mut scratch = Vec::new();
    for ssrc in 0..300 {
        let datagram = sealed(&mut client, ssrc, 7);
        assert_eq!(server.opener.open(&datagram, &mut scratch).is_some(), ssrc < 256);
    }
    assert!(server.opener.open(&sealed(&mut client, 255, 8), &mut scratch).is_some());
}

#[test]
fn what_cannot_be_sealed_does_not_stay_in_clear() {
    for profile in PROFILES {
        let (mut client, _) = ends(profile);
        let sealer = &mut client.sealer;
        let mut out = vec![9; 100];
        assert_eq!(sealer.seal_rtp(&mut out, 60, 12, 1, 1 << 48), Err(SealError::Exhausted));
        assert_eq!(out, [9; 60]);
        assert_eq!(sealer.seal_rtp(&mut out, 40, 21, 1, 1), Err(SealError::Short));
        assert_eq!(sealer.seal_rtp(&mut out, 20, 11, 1, 1), Err(SealError::Short));
        assert_eq!(sealer.seal_rtp(&mut out, 21, 12, 1, 1), Err(SealError::Short));
        assert_eq!(sealer.seal_rtcp(&mut out, 13), Err(SealError::Short));
        assert_eq!(out, [9; 13]);
        sealer.next_control = 1 << 31;
        assert_eq!(sealer.seal_rtcp(&mut out, 0), Err(SealError::Exhausted));
        assert!(out.is_empty());
    }
}

#[test]
fn every_control_packet_has_a_number_of_its_own() {
    for (profile, behind) in PROFILES.into_iter().zip([4, 4, 14]) {
        let (mut client, _) = ends(profile);
        for index in 0..3_u32 {
            let mut out = report(index % 2);
            client.sealer.seal_rtcp(&mut out, 0).unwrap();
            let word = &out[out.len() - behind..][..4];
            assert_eq!(word, (0x8000_0000 | index).to_be_bytes());
        }
    }
}

#[test]
fn material_of_another_length_makes_no_keys() {
    for profile in PROFILES {
        let mut material = material(profile, true);
        material.bytes.pop();
        assert!(Keys::derive(&material).is_none());
        material.bytes.extend([0, 0]);
        assert!(Keys::derive(&material).is_none());
        material.bytes.clear();
        assert!(Keys::derive(&material).is_none());
    }
}

proptest! {
    #[test]
    fn garbage_opens_to_nothing(
        profile in proptest::sample::select(&PROFILES[..]),
        mut datagram in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (mut client, _) = ends(profile);
        if let Some(kind) = datagram.get_mut(1) {
            *kind |= 0xc0;
        }
        let mut scratch = Vec::new();
        prop_assert_eq!(client.opener.open(&datagram, &mut scratch), None);
    }
}
