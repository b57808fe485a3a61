//! Text in HTML. Everything that is not ours goes through [`text`].

use std::fmt;

/// A text that cannot be anything but text, in elements and in quoted
/// attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a>(&'a str);

/// Marks what is to be shown as it is.
pub(crate) fn text(text: &str) -> Text<'_> {
    Text(text)
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (plain, special) = rest.split_at(at);
            f.write_str(plain)?;
            f.write_str(match special.as_bytes()[0] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &special[1..];
        }
        f.write_str(rest)
    }
}

/// A hidden field.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!(r#"<input type="hidden" name="{}" value="{}">"#, text(name), text(value))
}

#[cfg(test)]
mod tests {
    use super::{hidden, text};

    #[test]
    fn text_stays_text() {
        assert_eq!(text("Ana & Bo").to_string(), "Ana &amp; Bo");
        assert_eq!(
            text(r#"<script>"é"</script>'"#).to_string(),
            "&lt;script&gt;&quot;é&quot;&lt;/script&gt;&#39;"
        );
        assert_eq!(
            hidden("a", r#"" onfocus="x"#),
            r#"<input type="hidden" name="a" value="&quot; onfocus=&quot;x">"#
        );
    }
}
