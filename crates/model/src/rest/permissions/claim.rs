//! The abbreviations of the token claim `p`.

use serde_json::{Map, Value};

/// An abbreviation: short, long.
type Pair = (&'static str, &'static str);

const KEYS: [Pair; 4] =
    [("hp", "hasPresence"), ("cs", "canSend"), ("cr", "canReceive"), ("ca", "canAdmin")];

const MEDIA: [Pair; 6] = [
    ("v", "video"),
    ("a", "audio"),
    ("sv", "screenVideo"),
    ("sa", "screenAudio"),
    ("cv", "customVideo"),
    ("ca", "customAudio"),
];

const AREAS: [Pair; 3] = [("p", "participants"), ("s", "streaming"), ("t", "transcription")];

const RECEIVE: [Pair; 3] = [("b", "base"), ("u", "byUserId"), ("p", "byParticipantId")];

/// Which way a value is spelled anew.
#[derive(Clone, Copy)]
enum Direction {
    Shorten,
    Expand,
}

/// Abbreviates a checked `permissions` property.
#[must_use]
pub fn to_claim(permissions: &Value) -> Value {
    respell(permissions, Direction::Shorten)
}

/// Spells a claim out. Keys and words that are spelled out already, or that
/// nobody knows, stay as they are; the check that follows judges them.
#[must_use]
pub fn from_claim(claim: &Value) -> Value {
    respell(claim, Direction::Expand)
}

fn respell(permissions: &Value, direction: Direction) -> Value {
    map_fields(permissions, &KEYS, direction, |name, value| match name {
        "canSend" => words(value, &MEDIA, direction),
        "canAdmin" => words(value, &AREAS, direction),
        "canReceive" => map_fields(value, &RECEIVE, direction, |name, value| match name {
            "base" => receive(value, direction),
            _ => map_values(value, |value| receive(value, direction)),
        }),
        _ => value.clone(),
    })
}

fn receive(value: &Value, direction: Direction) -> Value {
    map_fields(value, &MEDIA, direction, |_, value| value.clone())
}

/// Renames the keys of an object and maps its values, given their long names.
/// Anything else stays.
fn map_fields(
    value: &Value,
    names: &[Pair],
    direction: Direction,
    map: impl Fn(&str, &Value) -> Value,
) -> Value {
    let Value::Object(fields) = value else {
        return value.clone();
    };
    let rename = |(name, value): (&String, &Value)| {
        let long = spell(name, names, Direction::Expand);
        (spell(name, names, direction).to_owned(), map(long, value))
    };
    Value::Object(fields.iter().map(rename).collect::<Map<_, _>>())
}

fn map_values(value: &Value, map: impl Fn(&Value) -> Value) -> Value {
    let Value::Object(fields) = value else {
        return value.clone();
    };
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), map(value))).collect())
}

/// A list of words: `["video", "audio"]`, and in a claim `"v,a"`.
fn words(value: &Value, names: &[Pair], direction: Direction) -> Value {
    match (value, direction) {
        (Value::Array(items), Direction::Shorten) => {
            let short = items.iter().filter_map(Value::as_str);
            let short: Vec<_> = short.map(|word| spell(word, names, direction)).collect();
            Value::from(short.join(","))
        }
        (Value::String(list), Direction::Expand) => {
            let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(|word| spell(word, names, direction)).collect()
        }
        _ => value.clone(),
    }
}

fn spell<'a>(word: &'a str, names: &[Pair], direction: Direction) -> &'a str {
    let found = names.iter().find(|(short, long)| match direction {
        Direction::Shorten => *long == word,
        Direction::Expand => *short == word,
    });
    match (found, direction) {
        (Some((short, _)), Direction::Shorten) => short,
        (Some((_, long)), Direction::Expand) => long,
        (None, _) => word,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_abbreviate_and_spell_out_exactly() {
        let cases = [
            (json!({"hasPresence": false}), json!({"hp": false})),
            (json!({"canSend": ["video", "screenAudio"]}), json!({"cs": "v,sa"})),
            (json!({"canSend": []}), json!({"cs": ""})),
            (json!({"canAdmin": true}), json!({"ca": true})),
            (json!({"canAdmin": ["transcription"]}), json!({"ca": "t"})),
            (
                json!({"canReceive": {"base": {"video": false, "customVideo": {"*": false}},
                                      "byUserId": {"v": true}}}),
                json!({"cr": {"b": {"v": false, "cv": {"*": false}}, "u": {"v": true}}}),
            ),
        ];
        for (long, short) in cases {
            assert_eq!(to_claim(&long), short);
            assert_eq!(from_claim(&short), long);
            assert_eq!(from_claim(&long), long);
        }
    }
}
