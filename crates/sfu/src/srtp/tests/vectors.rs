//! The examples of the RFCs.

use super::super::cipher::{Cipher, Counter, PacketId};
use super::super::derive::{Master, Session, Stream};
use super::super::{ControlOpener, Profile, Sealer};

/// Bytes written as the RFCs write them.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

fn number(text: &str) -> u128 {
    hex(text).iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[test]
fn counter_mode_makes_the_key_stream_of_rfc_3711() {
    let session = Session::given(
        &hex("2B7E151628AED2A6ABF7158809CF4F3C"),
        number("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"),
    );
    let counter = Counter::new(&session).unwrap();
    let mut stream = vec![0; 0xff02 * 16];
    counter.apply(PacketId { ssrc: 0, index: 0 }, &mut stream).unwrap();
    assert_eq!(
        stream[..48],
        hex("E03EAD0935C95E80E166B16DD92B4EB4
             D23513162B02D0F72A43A2FE4A5F97AB
             41E95B3BB0A2E8DD477901E4FCA894C0")
    );
    assert_eq!(
        stream[0xfeff * 16..],
        hex("EC8CDF7398607CB0F2D21675EA9EA1E4
             362B7C3C6773516318A077D7FC5073AE
             6A2CC3787889374FBEB4C81B17BA6C44")
    );
}

#[test]
fn keys_are_those_of_rfc_3711() {
    let (key, salt) =
        (hex("E1F97A0D3E018BE0D64FA32C06DE4139"), hex("0EC675AD498AFEEBB6960B3AABE6"));
    let master = Master { key: &key, salt: &salt };
    let session = master.session(Profile::Aes128CmSha1_80, Stream::Media).unwrap();
    assert_eq!(session.key(), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(session.salt, number("30CBBC08863D8C85D49DB34A9AE1"));
    assert_eq!(session.authentication.as_slice(), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

#[test]
fn long_keys_are_those_of_rfc_6188() {
    let key = hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
    let salt = hex("3b04803de51ee7c96423ab5b78d2");
    let master = Master { key: &key, salt: &salt };
    let session = master.session(Profile::Aes256Gcm, Stream::Media).unwrap();
    assert_eq!(
        session.key(),
        hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4")
    );
    // Twelve of the fourteen bytes there.
    assert_eq!(session.salt, number("fa31791685ca444a9e07c6c6"));
    assert_eq!(session.authentication.as_slice(), hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
}

/// The two keys of RFC 7714's examples.
fn gcm_key(bytes: u8) -> Session {
    let key: Vec<_> = (0..bytes).collect();
    Session::given(&key, number("517569642070726f2071756f"))
}

fn gcm_cipher(bytes: u8) -> Cipher {
    let profile = if bytes == 32 { Profile::Aes256Gcm } else { Profile::Aes128Gcm };
    Cipher::with(profile, &gcm_key(bytes)).unwrap()
}

const RTP: &str = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
    69736120 696e2070 61727465 73207472 6573";

#[test]
fn rtp_is_sealed_as_in_rfc_7714() {
    let examples = [
        (
            16,
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f
             42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            32,
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3
             b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ];
    for (bytes, sealed) in examples {
        let mut sealer = Sealer::new(gcm_cipher(bytes), gcm_cipher(bytes));
        // What is before stays as it is.
        let mut out = vec![7; 5];
        out.extend(hex(RTP));
        sealer.seal_rtp(&mut out, 5, 12, 0x5501_a0b2, 0xf17b).unwrap();
        assert_eq!(out[..5], [7; 5]);
        assert_eq!(out[5..], hex(sealed));
    }
}

const RTCP: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
    deadbeef deadbeef deadbeef deadbeef deadbeef";
const SEALED_RTCP: [(u8, &str); 2] = [
    (
        16,
        "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
         730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
    ),
    (
        32,
        "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1
         110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4",
    ),
];

#[test]
fn rtcp_is_sealed_and_opened_as_in_rfc_7714() {
    for (bytes, sealed) in SEALED_RTCP {
        let mut sealer = Sealer::new(gcm_cipher(bytes), gcm_cipher(bytes));
        sealer.next_control = 0x5d4;
        let mut out = hex(RTCP);
        sealer.seal_rtcp(&mut out, 0).unwrap();
        assert_eq!(out, hex(sealed));
        let mut scratch = vec![1; 9];
        let mut opener = ControlOpener::new(gcm_cipher(bytes));
        assert_eq!(opener.open(&out, &mut scratch), Some(&*hex(RTCP)));
    }
}

#[test]
fn a_report_that_is_only_signed_is_not_taken() {
    // RFC 7714, 17.2: authentic, but in clear.
    let tagged = hex("81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
        deadbeef deadbeef deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790 125f62b3
        000005d4");
    let mut opener = ControlOpener::new(gcm_cipher(16));
    assert_eq!(opener.open(&tagged, &mut Vec::new()), None);
}
