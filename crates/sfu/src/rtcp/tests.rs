use proptest::prelude::*;

use super::*;

fn all(compound: &[u8]) -> Vec<Control<'_>> {
    read(compound).collect()
}

/// A packet around this body, padded to whole words.
fn packet(count: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write::header(&mut out, count, kind, body.len().div_ceil(4));
    out.extend(body);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

const REPORT: SenderReport = SenderReport {
    ssrc: 0x0102_0304,
    ntp: 0x8081_8283_8485_8687,
    rtp: 0xfffe_fdfc,
    packets: 7,
    octets: 1 << 31,
};

const BLOCK: Block = Block {
    ssrc: 0xdead_beef,
    fraction_lost: 255,
    cumulative_lost: -2,
    highest: 0x0003_fffe,
    jitter: 90,
    last_sr: 0x8283_8485,
    delay_since_sr: 65_536,
};

#[test]
fn a_report_is_read_as_it_was_written() {
    let mut compound = Vec::new();
    write::sender_report(&mut compound, &REPORT);
    write::source_description(&mut compound, REPORT.ssrc, "parlor");
    assert_eq!(compound.len(), 28 + 20);
    assert_eq!(compound[28..], *b"\x81\xca\x00\x04\x01\x02\x03\x04\x01\x06parlor\0\0\0\0");
    let read = all(&compound);
    let [Control::SenderReport(report, blocks), Control::Other(202)] = &*read else {
        panic!("{read:?}");
    };
    assert_eq!((*report, blocks.clone().count()), (REPORT, 0));
}

#[test]
fn descriptions_of_every_length_end_with_a_zero_at_a_word() {
    for length in 0..300 {
        let mut compound = Vec::new();
        write::source_description(&mut compound, 1, &"x".repeat(length));
        let length = length.min(255);
        assert_eq!(compound.len() % 4, 0);
        assert_eq!(usize::from(compound[9]), length);
        let zeros = &compound[10 + length..];
        assert!((1..=4).contains(&zeros.len()) && zeros.iter().all(|byte| *byte == 0));
        assert!(matches!(*all(&compound), [Control::Other(202)]));
    }
}

#[test]
fn what_receivers_tell_is_read() {
    let mut compound = Vec::new();
    let other = Block { ssrc: 5, cumulative_lost: 0x7f_ffff, ..BLOCK };
    sample::receiver_report(&mut compound, 1, &[BLOCK, other]);
    sample::nack(&mut compound, 1, 2, &[65_535, 0, 15, 16, 40]);
    sample::pli(&mut compound, 3, 4);
    let read = all(&compound);
    let [
        Control::ReceiverReport { ssrc: 1, blocks },
        Control::Nack { sender: 1, media: 2, lost },
        Control::Pli { sender: 3, media: 4 },
    ] = &*read
    else {
        panic!("{read:?}");
    };
    assert_eq!(blocks.clone().collect::<Vec<_>>(), [BLOCK, other]);
    assert_eq!(lost.clone().collect::<Vec<_>>(), [65_535, 0, 15, 16, 40]);
}

#[test]
fn a_nack_names_a_number_and_any_of_the_sixteen_behind() {
    let body = [0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xf8, 0xff, 0xff, 0, 9, 0, 0, 0, 9, 0x80, 0];
    let compound = packet(NACK, TRANSPORT_FEEDBACK, &body);
    let read = all(&compound);
    let [Control::Nack { lost, .. }] = &*read else { panic!("{read:?}") };
    let expected: Vec<_> =
        (0..17).map(|step| 0xfff8_u16.wrapping_add(step)).chain([9, 9, 25]).collect();
    assert_eq!(lost.clone().collect::<Vec<_>>(), expected);
}

#[test]
fn requests_estimates_and_farewells_are_read() {
    let fir = packet(4, 206, &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 77, 1, 2, 3, 9, 9, 9, 9]);
    let remb = |high: u8, count: u8| {
        let mut body = vec![0, 0, 0, 1, 0, 0, 0, 0];
        body.extend(b"REMB");
        body.extend([count, high, 0, 5, 0, 0, 0, 8, 0, 0, 0, 9]);
        packet(15, 206, &body)
    };
    let bye = packet(2, 203, &[0, 0, 0, 1, 0, 0, 0, 2, 3, b'b', b'y', b'e']);
    let compound = [fir, remb(3 << 2 | 1, 2), remb(63 << 2, 0), bye].concat();
    let read = all(&compound);
    let [
        Control::Fir { sender: 1, requests },
        Control::Remb { sender: 1, bits_per_second, sources },
        Control::Remb { bits_per_second: u64::MAX, .. },
        Control::Goodbye { sources: gone },
    ] = &*read
    else {
        panic!("{read:?}");
    };
    assert_eq!(requests.clone().collect::<Vec<_>>(), [(9, 77)]);
    assert_eq!(*bits_per_second, (1 << 16 | 5) << 3);
    assert_eq!(sources.clone().collect::<Vec<_>>(), [8, 9]);
    assert_eq!(gone.clone().collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(*all(&remb(0, 3)), [Control::Other(206)]), "fewer sources than promised");
}

#[test]
fn transport_feedback_is_handed_on_whole() {
    let feedback = packet(15, 205, &[7; 20]);
    let compound = [packet(0, 201, &[0; 4]), feedback.clone(), packet(0, 207, &[])].concat();
    let read = all(&compound);
    let [Control::ReceiverReport { .. }, Control::TransportFeedback(whole), Control::Other(207)] =
        &*read
    else {
        panic!("{read:?}");
    };
    assert_eq!(*whole, feedback);
}

#[test]
fn what_promises_more_than_it_has_is_passed_over() {
    for (count, kind) in [(0, 200), (1, 201), (31, 201), (2, 203), (1, 205), (1, 206), (4, 206)] {
        let compound = [packet(count, kind, &[0; 4]), packet(0, 201, &[0; 4])].concat();
        let read = all(&compound);
        assert!(
            matches!(*read, [Control::Other(other), Control::ReceiverReport { .. }] if other == kind),
            "{kind}: {read:?}"
        );
    }
}

#[test]
fn a_broken_frame_ends_the_compound() {
    let good = packet(0, 201, &[0; 4]);
    let mut other_version = good.clone();
    other_version[0] = 0x40;
    let mut too_long = good.clone();
    too_long[3] = 200;
    let mut too_padded = good.clone();
    too_padded[0] |= 0x20;
    too_padded[7] = 5;
    let mut nothing_to_pad = packet(0, 201, &[]);
    nothing_to_pad[0] |= 0x20;
    for broken in [other_version, too_long, too_padded, nothing_to_pad, vec![0x80, 201, 0]] {
        let compound = [good.clone(), broken, good.clone()].concat();
        assert_eq!(all(&compound).len(), 1);
    }
    let mut padded = packet(0, 201, &[0, 0, 0, 1, 0, 0, 0, 4]);
    padded[0] |= 0x20;
    assert!(matches!(*all(&padded), [Control::ReceiverReport { ssrc: 1, .. }]));
}

proptest! {
    #[test]
    fn anything_is_read_in_bounded_steps(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        frames in prop::collection::vec((0_u8..32, 192_u8..224, 0_u8..20), 0..20),
    ) {
        // Something that looks like a compound, most of the time.
        let mut at = 0;
        for (count, kind, words) in frames {
            if let Some(header) = bytes.get_mut(at..at + 4) {
                header.copy_from_slice(&[0x80 | count, kind, 0, words]);
            }
            at += 4 + usize::from(words) * 4;
        }
        let mut steps = 0;
        for control in read(&bytes) {
            steps += 1 + match control {
                Control::SenderReport(_, blocks) | Control::ReceiverReport { blocks, .. } => {
                    blocks.count()
                }
                Control::Nack { lost, .. } => lost.count(),
                Control::Fir { requests, .. } => requests.count(),
                Control::Remb { sources, .. } | Control::Goodbye { sources } => sources.count(),
                Control::TransportFeedback(whole) => {
                    prop_assert!(whole.len() >= 12);
                    0
                }
                Control::Pli { .. } | Control::Other(_) => 0,
            };
        }
        prop_assert!(steps <= bytes.len() / 4 * 17 + 1);
    }

    #[test]
    fn any_set_of_lost_numbers_comes_through(
        first: u16,
        steps in prop::collection::vec(1_u16..40, 0..60),
    ) {
        let lost: Vec<_> = steps
            .iter()
            .scan(first, |number, step| {
                *number = number.wrapping_add(*step);
                Some(*number)
            })
            .collect();
        let mut compound = Vec::new();
        sample::nack(&mut compound, 1, 2, &lost);
        let read = all(&compound);
        let [Control::Nack { lost: told, .. }] = &*read else { panic!("{read:?}") };
        prop_assert_eq!(told.clone().collect::<Vec<_>>(), lost);
    }
}
