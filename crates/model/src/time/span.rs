//! Lengths of time as people write them: `90s`, `15m`, `24h`, `7d`, `1h30m`.

use std::time::Duration;

/// The units, and their lengths in milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// What [`parse_span`] reads, for messages: "was '…' but should be …".
pub const SPAN_FORM: &str = "a length of time like 90s, 15m, 24h, 7d or 1h30m";

/// Reads a length of time: whole numbers, each with one of the units `ms`,
/// `s`, `m`, `h`, `d` and `w`. A number without a unit counts seconds. `None`
/// for anything else, and for what does not fit 64 bits of milliseconds.
#[must_use]
pub fn parse_span(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_millis(seconds.checked_mul(1_000)?));
    }
    let (mut rest, mut millis) = (text, 0_u64);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let part = number.parse::<u64>().ok()?.checked_mul(*length)?;
        millis = millis.checked_add(part)?;
        rest = after;
    }
    (!text.is_empty()).then_some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::{Duration, parse_span};

    #[test]
    fn spans_are_numbers_with_units() {
        let cases = [
            ("90s", 90_000),
            ("15m", 900_000),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
            ("2w", 1_209_600_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
            ("90", 90_000),
            (" 5m ", 300_000),
            ("0s", 0),
        ];
        for (text, millis) in cases {
            assert_eq!(parse_span(text), Some(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_a_span() {
        let cases = [
            "",
            " ",
            "h",
            "1x",
            "-1h",
            "1.5h",
            "1h 30m",
            "1H",
            "h1",
            "1h30",
            "٣h",
            "99999999999999999999s",
            "18446744073709551615h",
            "1e3",
        ];
        for text in cases {
            assert_eq!(parse_span(text), None, "{text}");
        }
    }
}
