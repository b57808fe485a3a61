//! A row: what, target, measured, verdict.

/// One of them.
pub(super) struct Row {
    what: String,
    target: Option<Target>,
    measured: Option<f64>,
    unit: &'static str,
    note: String,
}

enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Row {
    pub(super) fn at_most(
        what: &str,
        measured: Option<f64>,
        target: f64,
        unit: &'static str,
    ) -> Self {
        Self { target: Some(Target::AtMost(target)), ..Self::seen(what, measured, unit) }
    }

    pub(super) fn at_least(
        what: &str,
        measured: Option<f64>,
        target: f64,
        unit: &'static str,
    ) -> Self {
        Self { target: Some(Target::AtLeast(target)), ..Self::seen(what, measured, unit) }
    }

    /// Without a target.
    pub(super) fn seen(what: &str, measured: Option<f64>, unit: &'static str) -> Self {
        Self { what: what.to_owned(), target: None, measured, unit, note: String::new() }
    }

    pub(super) fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }

    pub(super) fn head() -> String {
        "| what | target | measured | | remarks |\n|---|---|---|---|---|".to_owned()
    }

    /// As a row of Markdown.
    pub(super) fn line(&self) -> String {
        let Self { what, unit, note, .. } = self;
        let target = match self.target {
            Some(Target::AtMost(most)) => format!("≤ {} {unit}", figure(most)),
            Some(Target::AtLeast(least)) => format!("≥ {} {unit}", figure(least)),
            None => "–".to_owned(),
        };
        let measured = self
            .measured
            .map_or("no valid run".to_owned(), |measured| format!("{} {unit}", figure(measured)));
        let verdict = match self.is_met() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None if self.target.is_some() => "**not shown**",
            None => "",
        };
        format!("| {what} | {} | {} | {verdict} | {note} |", target.trim(), measured.trim())
    }

    fn is_met(&self) -> Option<bool> {
        let measured = self.measured?;
        Some(match self.target.as_ref()? {
            Target::AtMost(most) => measured <= *most,
            Target::AtLeast(least) => measured >= *least,
        })
    }
}

/// With as many places as it is worth.
fn figure(figure: f64) -> String {
    let places = match figure.abs() {
        0.0 => 0,
        small if small < 1.0 => 3,
        middle if middle < 20.0 => 2,
        _ => 0,
    };
    format!("{figure:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_its_target_is_met() {
        let line = Row::at_most("CPU", Some(1.7), 1.8, "µs").noted("quiet".to_owned()).line();
        assert_eq!(line, "| CPU | ≤ 1.80 µs | 1.70 µs | met | quiet |");
        let line = Row::at_least("scaling", Some(1.5), 1.8, "×").line();
        assert_eq!(line, "| scaling | ≥ 1.80 × | 1.50 × | **missed** |  |");
        let line = Row::at_most("lost", None, 0.0, "").line();
        assert_eq!(line, "| lost | ≤ 0 | no valid run | **not shown** |  |");
    }
}
