//! Reading times as people and programs write them: RFC 3339.

use std::ops::Range;

use super::UnixMillis;

impl UnixMillis {
    /// Reads an RFC 3339 time: `2031-05-04T10:20:30Z`, with a fraction of a
    /// second or without, in any zone that names its distance from UTC. What
    /// is finer than a millisecond is cut off; a leap second is the second
    /// after it. `None` for anything else, for days that do not exist, and for
    /// years that have not four digits in UTC.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !text.is_ascii() || bytes.len() < 20 || !has_separators(bytes) {
            return None;
        }
        let day = day(number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?)?;
        let (hour, minute) = (within(&text[11..13], 23)?, within(&text[14..16], 59)?);
        let second = within(&text[17..19], 60)?;
        let (millis, zone) = fraction(&text[19..])?;
        let seconds = day * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
        WRITABLE.contains(&seconds).then(|| Self::new(seconds * 1000 + millis))
    }
}

/// Times whose year in UTC has four digits, in seconds: a zone may lead beyond,
/// where they could be written in a form that nobody reads.
const WRITABLE: Range<i64> = -62_167_219_200..253_402_300_800;

fn has_separators(bytes: &[u8]) -> bool {
    bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b't' | b' ')
        && bytes[13] == b':'
        && bytes[16] == b':'
}

/// Digits and nothing else: `parse` alone would take a sign.
fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn within(digits: &str, highest: i64) -> Option<i64> {
    number(digits).filter(|number| *number <= highest)
}

/// Milliseconds, and what follows them.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    if digits == 0 {
        return None;
    }
    let shown = &rest[..digits.min(3)];
    let scale = [0, 100, 10, 1][shown.len()];
    Some((number(shown)? * scale, &rest[digits..]))
}

/// Seconds by which the zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    Some(sign * (within(hours, 23)? * 3600 + within(minutes, 59)? * 60))
}

/// Days from the epoch (Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms"), for days that exist.
fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::UnixMillis;

    #[test]
    fn what_is_written_is_read_again() {
        for millis in [0, 1_935_656_430_000, 951_782_400_123, 1_772_323_199_999, -1] {
            let at = UnixMillis::new(millis);
            assert_eq!(UnixMillis::parse_rfc3339(&at.to_iso8601()), Some(at));
        }
    }

    #[test]
    fn zones_and_fractions_are_understood() {
        let at = Some(UnixMillis::new(1_935_656_430_000));
        for text in [
            "2031-05-04T10:20:30Z",
            "2031-05-04t10:20:30z",
            "2031-05-04 10:20:30.0Z",
            "2031-05-04T12:20:30+02:00",
            "2031-05-04T00:50:30.0000009-09:30",
        ] {
            assert_eq!(UnixMillis::parse_rfc3339(text), at, "{text}");
        }
        let tenth = UnixMillis::parse_rfc3339("2031-05-04T10:20:30.1Z");
        assert_eq!(tenth, Some(UnixMillis::new(1_935_656_430_100)));
    }

    #[test]
    fn first_and_last_times_with_four_digits_are_read() {
        for text in ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            let at = UnixMillis::parse_rfc3339(text).unwrap();
            assert_eq!(at.to_iso8601(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2031-05-04",
            "2031-05-04T10:20:30",
            "2031-05-04T10:20:30.Z",
            "2031-05-04T10:20:30+2",
            "2031-02-29T10:20:30Z",
            "2031-13-01T10:20:30Z",
            "2031-05-04T24:20:30Z",
            "2031-05-04T10:20:30ZZ",
            "+031-05-04T10:20:30Z",
            "2031-05-04T10:20:3éZ",
            "2031-05-04T10:20:30+é:00",
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00+00:01",
        ] {
            assert_eq!(UnixMillis::parse_rfc3339(text), None, "{text}");
        }
    }
}
