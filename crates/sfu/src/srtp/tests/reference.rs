//! Opens what was sealed with other parts: the key derivation written out as
//! in the RFC, and the ciphers and counters of the transport's library.

use proptest::prelude::*;
use str0m::crypto::{
    AeadAes128Gcm, AeadAes256Gcm, Aes128CmSha1_80, CryptoProvider, from_feature_flags,
};

use super::super::{KeyingMaterial, Profile};
use super::{PROFILES, ends, material};

/// One direction.
struct Reference {
    crypto: CryptoProvider,
    profile: Profile,
    key: Vec<u8>,
    salt: Vec<u8>,
}

impl Reference {
    fn new(material: &KeyingMaterial, of_client: bool) -> Self {
        let (profile, bytes) = (material.profile, &material.bytes);
        let (key_bytes, salt_bytes) = (profile.key_bytes(), profile.salt_bytes());
        let side = usize::from(!of_client);
        let key = bytes[side * key_bytes..][..key_bytes].to_vec();
        let salt = bytes[2 * key_bytes + side * salt_bytes..][..salt_bytes].to_vec();
        Self { crypto: from_feature_flags(), profile, key, salt }
    }

    /// RFC 3711, 4.3.3: block after block.
    fn derive<const N: usize>(&self, label: u8) -> [u8; N] {
        let mut derived = Vec::new();
        for block in 0_u16.. {
            if derived.len() >= N {
                break;
            }
            let mut input = [0; 16];
            input[..self.salt.len()].copy_from_slice(&self.salt);
            input[7] ^= label;
            input[14..].copy_from_slice(&block.to_be_bytes());
            let mut output = [0; 32];
            let srtp = self.crypto.srtp_provider;
            if self.key.len() == 32 {
                srtp.srtp_aes_256_ecb_round(&self.key, &input, &mut output);
            } else {
                srtp.srtp_aes_128_ecb_round(&self.key, &input, &mut output);
            }
            derived.extend_from_slice(&output[..16]);
        }
        derived[..N].try_into().unwrap()
    }

    fn open_rtp(
        &self,
        packet: &[u8],
        header_bytes: usize,
        ssrc: u32,
        index: u64,
    ) -> Option<Vec<u8>> {
        let (wraps, sequence) = ((index >> 16) as u32, index as u16);
        let srtp = self.crypto.srtp_provider;
        let (clear, sealed) = packet.split_at(header_bytes);
        let mut opened = vec![0; sealed.len()];
        match self.profile {
            Profile::Aes128Gcm => {
                let iv = AeadAes128Gcm::rtp_iv(self.derive(2), ssrc, wraps, sequence);
                let mut cipher = srtp.aead_aes_128_gcm().create_cipher(self.derive(0), false);
                let length = cipher.decrypt(&iv, &[clear], sealed, &mut opened).ok()?;
                opened.truncate(length);
            }
            Profile::Aes256Gcm => {
                let iv = AeadAes256Gcm::rtp_iv(self.derive(2), ssrc, wraps, sequence);
                let mut cipher = srtp.aead_aes_256_gcm().create_cipher(self.derive(0), false);
                let length = cipher.decrypt(&iv, &[clear], sealed, &mut opened).ok()?;
                opened.truncate(length);
            }
            Profile::Aes128CmSha1_80 => {
                let (all, tag) = packet.split_at(packet.len() - Aes128CmSha1_80::HMAC_TAG_LEN);
                let hmac = |key: &[u8], parts: &[&[u8]]| {
                    self.crypto.sha1_hmac_provider.sha1_hmac(key, parts)
                };
                let key = self.derive::<20>(1);
                if !Aes128CmSha1_80::rtp_verify(hmac, &key, all, index, tag) {
                    return None;
                }
                opened.truncate(all.len() - header_bytes);
                let iv = Aes128CmSha1_80::rtp_iv(self.derive(2), ssrc, index);
                let mut cipher = srtp.aes_128_cm_sha1_80().create_cipher(self.derive(0), false);
                cipher.decrypt(&iv, &all[header_bytes..], &mut opened).ok()?;
            }
        }
        Some([clear, &opened].concat())
    }
}

fn packet(header: &[u8], payload: &[u8]) -> Vec<u8> {
    [header, payload].concat()
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_what_it_was(
        profile in proptest::sample::select(&PROFILES[..]),
        is_client: bool,
        header in prop::collection::vec(any::<u8>(), 12..60),
        payload in prop::collection::vec(any::<u8>(), 0..1500),
        before in 0_usize..40,
        ssrc: u32,
        index in 0_u64..1 << 48,
    ) {
        let (client, server) = ends(profile);
        let mut keys = if is_client { client } else { server };
        let clear = packet(&header, &payload);
        let mut out = vec![1; before];
        out.extend(&clear);
        keys.sealer.seal_rtp(&mut out, before, header.len(), ssrc, index).unwrap();
        prop_assert_eq!(&out[..before], &vec![1; before]);
        let sealed = &out[before..];
        prop_assert_eq!(&sealed[..header.len()], &header);
        let reference = Reference::new(&material(profile, is_client), is_client);
        prop_assert_eq!(reference.open_rtp(sealed, header.len(), ssrc, index), Some(clear));
        prop_assert_eq!(reference.open_rtp(sealed, header.len(), ssrc, index ^ 1 << 16), None);
    }

    #[test]
    fn control_packets_open_at_the_other_end_only(
        profile in proptest::sample::select(&PROFILES[..]),
        words in 0_usize..300,
        first in 0_u32..1 << 30,
        content: u8,
        ssrc: u32,
    ) {
        let (mut client, mut server) = ends(profile);
        let mut compound = vec![0x80, 201];
        compound.extend(u16::try_from(words + 1).unwrap().to_be_bytes());
        compound.extend(ssrc.to_be_bytes());
        compound.resize(8 + words * 4, content);
        client.sealer.next_control = first;
        let (mut out, mut scratch) = (compound.clone(), Vec::new());
        client.sealer.seal_rtcp(&mut out, 0).unwrap();
        prop_assert_eq!(client.opener.open(&out, &mut scratch), None);
        prop_assert_eq!(server.opener.open(&out, &mut scratch), Some(&*compound));
        prop_assert_eq!(server.opener.open(&out, &mut scratch), None);
    }
}
