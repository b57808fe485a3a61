//! Tables of what goes in and what comes out.

use std::collections::HashSet;

use super::*;

const FRAME: Duration = Duration::from_millis(40);
const FRAME_TICKS: u32 = 3600;

fn audio(source: u32, sequence: u64, timestamp: u32) -> Original {
    let picture = Picture::default();
    let captured_at = None;
    Original { source, sequence, timestamp, clock_rate: 90_000, captured_at, picture }
}

fn vp8(source: u32, sequence: u64, picture_id: u16, layer: u8) -> Original {
    let [high, low] = picture_id.to_be_bytes();
    let payload = [0x90, 0xe0, high | 0x80, low, layer, 0x20, 0x00];
    let picture = Picture::read(&payload);
    Original { picture, ..audio(source, sequence, 0) }
}

/// Rewrites in order and returns the sequence numbers that came out.
fn sequences(rewriter: &mut Rewriter, originals: &[Original]) -> Vec<Option<u64>> {
    let now = crate::test_start();
    let rewrite = |original| rewriter.rewrite(now, original).map(|out| out.sequence);
    originals.iter().map(rewrite).collect()
}

#[test]
fn losses_and_reordering_inside_a_source_are_kept() {
    let mut rewriter = Rewriter::new(100, 0);
    let originals = [5000, 5001, 5004, 5003, 5005].map(|sequence| audio(1, sequence, 0));
    let expected = [100, 101, 104, 103, 105].map(Some);
    assert_eq!(sequences(&mut rewriter, &originals), expected);
}

#[test]
fn a_new_source_continues_the_sequence_and_the_clock() {
    let start = crate::test_start();
    let mut rewriter = Rewriter::new(100, 7);
    rewriter.rewrite(start, &audio(1, 5000, 90_000)).unwrap();
    let out = rewriter.rewrite(start + FRAME, &audio(2, 20, 4_000_000_000)).unwrap();
    assert_eq!(out.sequence, 101);
    assert_eq!(out.timestamp, 7 + FRAME_TICKS);
    let out = rewriter.rewrite(start + FRAME, &audio(2, 21, 4_000_000_000 + FRAME_TICKS));
    assert_eq!(out.unwrap().timestamp, 7 + 2 * FRAME_TICKS);
}

#[test]
fn withheld_packets_leave_no_gap_but_time_goes_on() {
    let start = crate::test_start();
    let mut rewriter = Rewriter::new(100, 0);
    rewriter.rewrite(start, &audio(1, 5000, 0)).unwrap();
    rewriter.break_off();
    let out = rewriter.rewrite(start + FRAME, &audio(1, 5500, 450_000)).unwrap();
    assert_eq!((out.sequence, out.timestamp), (101, 450_000));
    assert!(rewriter.rewrite(start + FRAME, &audio(1, 5499, 449_000)).is_none());
}

#[test]
fn sequence_numbers_pass_the_wrap_of_their_16_bits() {
    let mut rewriter = Rewriter::new(32_000, 0);
    let packets: Vec<_> = (0..70).map(|step| audio(1, 65_000 + step * 1000, 0)).collect();
    let expected: Vec<_> = (0..70).map(|step| Some(32_000 + step * 1000)).collect();
    assert_eq!(sequences(&mut rewriter, &packets), expected);
}

#[test]
fn holes_that_nobody_can_repair_are_closed() {
    let mut rewriter = Rewriter::new(100, 0);
    let jumps = [5000, 7000, 39_000, 39_001, 71_000];
    let packets = jumps.map(|sequence| audio(1, sequence, 0));
    let sent = [100, 2100, 2101, 2102, 2103].map(Some);
    assert_eq!(sequences(&mut rewriter, &packets), sent);
    // Nor by packets that are left out one here and one there.
    for step in 1..50 {
        rewriter.leave_out(&audio(1, 71_000 + step * 1500, 0));
    }
    assert_eq!(sequences(&mut rewriter, &[audio(1, 146_000, 0)]), [Some(2104)]);
}

#[test]
fn picture_ids_never_go_back() {
    let now = crate::test_start();
    let mut rewriter = Rewriter::new(0, 0);
    let first = rewriter.rewrite(now, &vp8(1, 10, 0x7ffe, 200)).unwrap();
    // The first source is numbered on from nothing.
    assert!(first.numbers.is_some());
    let second = rewriter.rewrite(now, &vp8(1, 11, 0x7fff, 201)).unwrap();
    assert!(second.numbers.is_some());
    assert_eq!(rewriter.picture_id, 2);
    rewriter.rewrite(now, &vp8(2, 900, 40, 3)).unwrap();
    assert_eq!((rewriter.picture_id, rewriter.layer_index), (3, 3));
    rewriter.rewrite(now, &vp8(2, 901, 41, 4)).unwrap();
    assert_eq!((rewriter.picture_id, rewriter.layer_index), (4, 4));
}

#[test]
fn sizes_of_one_picture_are_joined_by_when_they_were_captured() {
    let start = crate::test_start() + Duration::from_secs(9);
    // The second size comes 30 ms later than the first, but was captured one
    // frame after it; a frame that was sent already follows by a millisecond.
    for (captured_later, expected) in [(FRAME, FRAME_TICKS), (Duration::ZERO, 90)] {
        let mut rewriter = Rewriter::new(100, 0);
        let first = Original { captured_at: Some(start), ..audio(1, 10, 500) };
        let begun = rewriter.rewrite(start, &first).unwrap().timestamp;
        let captured_at = Some(start + captured_later);
        let second = Original { captured_at, ..audio(2, 70, 9_000_000) };
        let out = rewriter.rewrite(start + Duration::from_millis(70), &second).unwrap();
        assert_eq!((out.sequence, out.timestamp - begun), (101, expected));
    }
}

#[test]
fn without_a_report_time_passes_as_the_clock_says_and_never_back() {
    let start = crate::test_start() + Duration::from_secs(9);
    let report = Some(start);
    for (first, second) in [(None, None), (report, None), (None, report)] {
        let mut rewriter = Rewriter::new(100, 0);
        let first = Original { captured_at: first, ..audio(1, 10, 0) };
        let begun = rewriter.rewrite(start, &first).unwrap().timestamp;
        let second = Original { captured_at: second, ..audio(2, 70, 7) };
        let out = rewriter.rewrite(start + FRAME, &second).unwrap();
        assert_eq!(out.timestamp - begun, FRAME_TICKS);
    }
    // A report that dates the new size before the old one moves nothing back.
    let mut rewriter = Rewriter::new(100, 0);
    let first = Original { captured_at: report, ..audio(1, 10, 0) };
    let begun = rewriter.rewrite(start, &first).unwrap().timestamp;
    let earlier = Some(start.checked_sub(FRAME).unwrap());
    let second = Original { captured_at: earlier, ..audio(2, 70, 0) };
    let out = rewriter.rewrite(start, &second).unwrap();
    assert_eq!(out.timestamp - begun, 90);
}

#[test]
fn packets_left_out_leave_no_hole_and_their_pictures_neither() {
    let now = crate::test_start();
    let mut rewriter = Rewriter::new(100, 0);
    // Every second picture, of two packets each, is left out.
    for picture in 0..20_u16 {
        for packet in 0..2_u64 {
            let sequence = 1000 + u64::from(picture) * 2 + packet;
            let original = vp8(1, sequence, 300 + picture, 0);
            if picture % 2 == 1 {
                rewriter.leave_out(&original);
                continue;
            }
            let out = rewriter.rewrite(now, &original).unwrap();
            assert_eq!(out.sequence, 100 + u64::from(picture) + packet);
            assert_eq!(rewriter.picture_id, 1 + picture / 2);
        }
    }
}

#[test]
fn what_comes_late_finds_its_place_among_what_was_left_out() {
    let now = crate::test_start();
    let mut rewriter = Rewriter::new(100, 0);
    let mut sent = |number: u64| {
        let out = rewriter.rewrite(now, &audio(1, number, 0)).map(|out| out.sequence);
        if number == 11 {
            rewriter.leave_out(&audio(1, 12, 0));
            rewriter.leave_out(&audio(1, 14, 0));
        }
        out
    };
    // 10 and 13 come late; 13 was thought lost when 14 was left out.
    let order = [9, 11, 15, 13, 10, 16].map(&mut sent);
    assert_eq!(order, [100, 102, 104, 103, 101, 105].map(Some));
}

#[test]
fn what_is_older_than_what_is_remembered_is_refused_and_no_number_is_sent_twice() {
    let now = crate::test_start();
    let mut rewriter = Rewriter::new(100, 0);
    let mut sent = HashSet::new();
    let count = 4 * LEFT_OUT as u64;
    let is_late = |number: &u64| number % 8 == 2;
    // Every second packet is left out, so that the later half is remembered.
    for number in (0..count).filter(|number| !is_late(number)) {
        let original = audio(1, number, 0);
        if number % 2 == 1 {
            rewriter.leave_out(&original);
        } else {
            assert!(sent.insert(rewriter.rewrite(now, &original).unwrap().sequence));
        }
    }
    for number in (0..count).filter(is_late) {
        let out = rewriter.rewrite(now, &audio(1, number, 0));
        assert_eq!(out.is_some(), number > count / 2, "{number}");
        assert!(out.is_none_or(|out| sent.insert(out.sequence)), "{number}");
    }
}

#[test]
fn packets_of_the_size_before_that_come_late_have_their_place() {
    let now = crate::test_start();
    let mut rewriter = Rewriter::new(100, 0);
    for sequence in [10, 11, 13] {
        rewriter.rewrite(now, &audio(1, sequence, 0)).unwrap();
    }
    assert_eq!(rewriter.rewrite(now, &audio(2, 500, 0)).unwrap().sequence, 104);
    let late = |sequence| rewriter.rewrite_late(&audio(1, sequence, 0)).map(|out| out.sequence);
    assert_eq!([9, 12, 14].map(late), [None, Some(102), None]);
    rewriter.break_off();
    assert!(rewriter.rewrite_late(&audio(1, 12, 0)).is_none());
}

#[test]
fn padding_wraps_and_switches_keep_one_unbroken_sequence() {
    let now = crate::test_start();
    let mut rewriter = Rewriter::new(32_000, 0);
    let mut expected = 32_000;
    // Each size begins shortly before its 16 bits wrap, with padding between.
    for turn in 0..6_u64 {
        let source = 1 + (turn % 2) as u32;
        let first = 65_530 + turn * 1000;
        for sequence in first..first + 12 {
            if sequence % 3 == 0 {
                rewriter.leave_out(&audio(source, sequence, 0));
                continue;
            }
            let out = rewriter.rewrite(now, &audio(source, sequence, 0)).unwrap();
            assert_eq!(out.sequence, expected);
            expected += 1;
        }
    }
}
