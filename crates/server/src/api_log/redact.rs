//! Takes secrets out of what is logged. Keys are judged by their names, at any
//! depth, and texts by their looks. The text is not parsed as a whole: it may
//! be the beginning of a body only, or no JSON at all.

use parlor_model::secret::{REDACTED, is_secret};
use serde_json::Value;

/// What API keys of this server begin with.
const KEY_PREFIX: &str = parlor_store::key::PREFIX;

/// Secret values of JSON replaced, as far as the text goes.
pub(super) fn json(text: &str) -> String {
    let mut scan = Scan { rest: text, out: String::with_capacity(text.len()) };
    while scan.step() {}
    // PostgreSQL keeps no NUL in a text.
    if scan.out.contains('\0') { scan.out.replace('\0', "\u{fffd}") } else { scan.out }
}

/// Secrets in an address replaced: in its query by name, anywhere by looks.
pub(super) fn url(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut shown = value(path).unwrap_or_else(|| path.to_owned());
    if let Some(end) = path.find("/meeting-tokens/").map(|at| at + "/meeting-tokens/".len()) {
        shown = format!("{}{REDACTED}", &path[..end]);
    }
    for (number, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        shown.push(if number == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(REDACTED);
            }
            _ => shown.push_str(&value(pair).unwrap_or_else(|| pair.to_owned())),
        }
    }
    shown
}

/// A value that looks like a secret or carries one, without it.
fn value(text: &str) -> Option<String> {
    let has_token = text.contains("eyJ") && text.contains('.');
    let has_login = text.contains("://") && text.contains('@');
    if has_token || has_login || text.contains(KEY_PREFIX) || text.contains("Bearer ") {
        return Some(REDACTED.to_owned());
    }
    received(text)
}

/// An error's text that repeats a secret, without it. Errors should not; this
/// is for the one that does.
fn received(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("[Received ")?;
    let (name, _) = rest.split_once('=')?;
    is_secret(name).then(|| format!("{before}[Received {name}={REDACTED}]"))
}

struct Scan<'a> {
    rest: &'a str,
    out: String,
}

impl<'a> Scan<'a> {
    /// Passes on what lies before the next string, then the string, or the
    /// key with its value. `false` at the end.
    fn step(&mut self) -> bool {
        let Some(at) = self.rest.find('"') else {
            self.keep(self.rest.len());
            return false;
        };
        self.keep(at);
        let Some(end) = end_of_string(self.rest) else {
            // Cut in the middle: whether it was a key or a secret is unknown.
            self.out.push('"');
            return false;
        };
        let text = &self.rest[1..end - 1];
        let behind = &self.rest[end..];
        let is_key = behind.trim_start().starts_with(':');
        if is_key && is_secret(&unescaped(text)) {
            let colon = end + (behind.len() - behind.trim_start().len()) + 1;
            self.keep(colon);
            self.skip_value();
            return true;
        }
        match value(&unescaped(text)).filter(|_| !is_key) {
            None => self.keep(end),
            Some(shown) => {
                self.out.push_str(&Value::String(shown).to_string());
                self.rest = behind;
            }
        }
        true
    }

    fn keep(&mut self, bytes: usize) {
        let (kept, rest) = self.rest.split_at(bytes);
        self.out.push_str(kept);
        self.rest = rest;
    }

    /// Puts a placeholder where a value stands. Those that tell nothing stay.
    fn skip_value(&mut self) {
        let blank = self.rest.len() - self.rest.trim_start().len();
        self.keep(blank);
        let telling_nothing = ["null", "true", "false"].iter();
        if let Some(word) = telling_nothing.copied().find(|word| self.rest.starts_with(word)) {
            self.keep(word.len());
            return;
        }
        self.out.push('"');
        self.out.push_str(REDACTED);
        self.out.push('"');
        self.rest = &self.rest[end_of_value(self.rest)..];
    }
}

/// Where the string that `text` begins with ends.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Where the value that `text` begins with ends; the whole text when it was
/// cut.
fn end_of_value(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => match end_of_string(&text[at..]) {
                Some(length) if depth > 0 => at += length - 1,
                Some(length) => return at + length,
                None => return text.len(),
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' if depth == 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// A JSON string's text; as it stands when it is not well-formed.
fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{json, url};

    #[test]
    fn secrets_are_replaced_wherever_they_lie() {
        let cases = [
            (r#"{"name":"standup"}"#, r#"{"name":"standup"}"#),
            (r#"{"token":"abc"}"#, r#"{"token":"[redacted]"}"#),
            (r#"{"a":[{"HMAC": "x", "b":1}]}"#, r#"{"a":[{"HMAC": "[redacted]", "b":1}]}"#),
            (r#"{"basicAuth":null,"hmac":true}"#, r#"{"basicAuth":null,"hmac":true}"#),
            (r#"{"api_key":12,"b":2}"#, r#"{"api_key":"[redacted]","b":2}"#),
            (r#"{"secrets":{"a":["]","}"]},"b":2}"#, r#"{"secrets":"[redacted]","b":2}"#),
            (r#"{"endpoints":[{"endpoint":"rtmp://h/app/k"}]}"#, r#"{"endpoints":"[redacted]"}"#),
            (r#"{"\u0068mac":"x"}"#, r#"{"\u0068mac":"[redacted]"}"#),
            (r#"{"eject_at_token_exp":true}"#, r#"{"eject_at_token_exp":true}"#),
            (r#"{"note":"eyJh.eyJb.c"}"#, r#"{"note":"[redacted]"}"#),
            (r#"["x","parlor_abc"]"#, r#"["x","[redacted]"]"#),
            (r#"{"url":"https://me:pw@host/x"}"#, r#"{"url":"[redacted]"}"#),
            (
                r#"{"info":"\"hmac\" is bad [Received hmac=\"x\"]"}"#,
                r#"{"info":"\"hmac\" is bad [Received hmac=[redacted]]"}"#,
            ),
            (
                r#"{"info":"\"a\" is bad [Received a=\"x\"]"}"#,
                r#"{"info":"\"a\" is bad [Received a=\"x\"]"}"#,
            ),
            ("not JSON", "not JSON"),
        ];
        for (text, expected) in cases {
            assert_eq!(json(text), expected);
        }
    }

    #[test]
    fn a_body_that_was_cut_gives_nothing_away() {
        let body = r#"{"properties":{"hmac":"sesame-0123456789"},"token":"sesame","z":["a"]}"#;
        for cut in 0..body.len() {
            let shown = json(&body[..cut]);
            assert!(!shown.contains("sesame"), "{shown}");
        }
        assert!(!json(r#"{"a":"eyJh.eyJb.sesa"#).contains("eyJ"));
    }

    #[test]
    fn addresses_lose_their_secrets_too() {
        let cases = [
            ("/v1/rooms?limit=1&x", "/v1/rooms?limit=1&x"),
            (
                "/v1/meeting-tokens/abc?ignoreNbf=true",
                "/v1/meeting-tokens/[redacted]?ignoreNbf=true",
            ),
            ("/v1/x?token=abc&a=1", "/v1/x?token=[redacted]&a=1"),
            ("/v1/x?a=eyJh.b.c", "/v1/x?[redacted]"),
            ("https://me:pw@host/x", "[redacted]"),
            ("https://host/hook?key=1", "https://host/hook?key=1"),
        ];
        for (address, expected) in cases {
            assert_eq!(url(address), expected);
        }
    }
}
