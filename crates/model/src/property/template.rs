//! Templates of storage keys: `{domain_name}/{room_name}/{epoch_time}`.

/// Most characters of a template.
const MAX_CHARS: usize = 1024;

/// What a template may hold.
#[derive(Debug)]
pub struct TemplateRule {
    /// The placeholders, without their braces. The first must appear.
    pub placeholders: &'static [&'static str],
    /// The only extensions that may end it; empty: any.
    pub extensions: &'static [&'static str],
}

impl TemplateRule {
    /// Whether `template` keeps the rule.
    #[must_use]
    pub fn allows(&self, template: &str) -> bool {
        template.len() <= MAX_CHARS
            && self.has_known_parts_only(template)
            && self.has_required_placeholder(template)
            && self.has_allowed_extension(template)
    }

    /// The rule in words, to continue "but should be".
    #[must_use]
    pub fn expectation(&self) -> String {
        let names = self.placeholders.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>();
        let mut text = format!(
            "at most {MAX_CHARS} characters of A-Z, a-z, 0-9, '.', '/', '-', '_' and the placeholders {}, {} among them",
            names.join(", "),
            names.first().map_or("", String::as_str),
        );
        if !self.extensions.is_empty() {
            text.push_str(", with no extension but .");
            text.push_str(&self.extensions.join(", ."));
        }
        text
    }

    /// The rule as a regular expression of ECMA-262, for OpenAPI: known parts
    /// only, the first placeholder among them.
    #[must_use]
    pub fn pattern(&self) -> String {
        let any = format!(r"([A-Za-z0-9./_-]|\{{({})\}})*", self.placeholders.join("|"));
        let required = self.placeholders.first().copied().unwrap_or_default();
        let extensions = self.extensions.join("|");
        let other_extension = match self.extensions {
            [] => String::new(),
            _ => format!(r"(?!.*\.(?!({extensions})$)[^./{{}}]*$)"),
        };
        format!(r"^{other_extension}{any}\{{{required}\}}{any}$")
    }

    fn has_known_parts_only(&self, template: &str) -> bool {
        let mut rest = template;
        while let Some((literal, tail)) = rest.split_once('{') {
            let Some((name, tail)) = tail.split_once('}') else {
                return false;
            };
            if !is_literal(literal) || !self.placeholders.contains(&name) {
                return false;
            }
            rest = tail;
        }
        is_literal(rest)
    }

    fn has_required_placeholder(&self, template: &str) -> bool {
        self.placeholders.first().is_none_or(|name| template.contains(&format!("{{{name}}}")))
    }

    fn has_allowed_extension(&self, template: &str) -> bool {
        let file = template.rsplit('/').next().unwrap_or_default();
        let ending = file.rsplit('}').next().unwrap_or_default();
        match ending.rsplit_once('.') {
            Some((_, extension)) if !self.extensions.is_empty() => {
                self.extensions.contains(&extension)
            }
            _ => true,
        }
    }
}

fn is_literal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: TemplateRule =
        TemplateRule { placeholders: &["epoch_time", "room_name"], extensions: &["mp4"] };

    #[test]
    fn templates_keep_their_rule() {
        let cases = [
            ("{room_name}/{epoch_time}", true),
            ("a-b_c.d/{epoch_time}.mp4", true),
            ("v1.2/{epoch_time}", true),
            ("{room_name}", false),
            ("{epoch_time}.webm", false),
            ("{epoch_time", false),
            ("{epoch_time}}", false),
            ("{epoch_time} x", false),
            ("{unknown}/{epoch_time}", false),
            ("", false),
        ];
        for (template, is_allowed) in cases {
            assert_eq!(RULE.allows(template), is_allowed, "{template}");
        }
        assert!(!RULE.allows(&format!("{}{{epoch_time}}", "x".repeat(MAX_CHARS))));
    }
}
