//! What a command says: text for people on a terminal, JSON for everything
//! else. Texts of strangers (names, error messages of receivers) are stripped
//! of what would steer a terminal.

use std::io::{self, IsTerminal as _, Write};

use serde_json::Value;

use super::ServerOptions;

/// Where a command's answer goes, and in which form.
pub(crate) struct Output {
    form: Form,
    out: Box<dyn Write>,
    is_terminal: bool,
    has_colour: bool,
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How a word stands out on a terminal that has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Headings.
    Bold,
    /// All is well.
    Good,
    /// Worth a look.
    Warning,
    /// Wrong.
    Bad,
}

impl Output {
    /// Standard output, in the form that was asked for or that suits it.
    pub(crate) fn new(options: &ServerOptions) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let form = match (options.json, options.text || is_terminal) {
            (false, true) => Form::Text,
            _ => Form::Json,
        };
        let has_colour = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        let out = Box::new(io::BufWriter::new(io::stdout().lock()));
        Self { form, out, is_terminal, has_colour }
    }

    /// The form.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Prints one JSON value: over several lines where a person reads it.
    pub(crate) fn json(&mut self, value: &Value) -> io::Result<()> {
        if self.is_terminal {
            serde_json::to_writer_pretty(&mut self.out, value)?;
        } else {
            serde_json::to_writer(&mut self.out, value)?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }

    /// Prints a piece of a larger JSON text as it is.
    pub(crate) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Prints one line for people.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Hands everything over.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// `text`, standing out where that is wanted.
    pub(crate) fn marked(&self, mark: Mark, text: &str) -> String {
        let code = match mark {
            Mark::Bold => "1",
            Mark::Good => "32",
            Mark::Warning => "33",
            Mark::Bad => "31",
        };
        if self.has_colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Prints names with their values, aligned.
    pub(crate) fn pairs(&mut self, pairs: &[(String, String)]) -> io::Result<()> {
        let width = pairs.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
        for (name, value) in pairs {
            let padded = pad(&printable(name), width);
            self.line(format!("{padded}  {}", printable(value)).trim_end())?;
        }
        self.flush()
    }
}

/// Rows in aligned columns. Later rows that are wider push their own line
/// only, so that a long list need not be held in memory to be aligned.
pub(crate) struct Table {
    headings: Vec<&'static str>,
    widths: Option<Vec<usize>>,
}

impl Table {
    /// A table with these columns. The last one is not padded.
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), widths: None }
    }

    /// Prints further rows, headings first.
    pub(crate) fn rows(&mut self, output: &mut Output, rows: &[Vec<String>]) -> io::Result<()> {
        if self.widths.is_none() {
            let widths = self.measure(rows);
            let headings: Vec<String> = self.headings.iter().map(|one| (*one).to_owned()).collect();
            let heading = aligned(&headings, &widths);
            output.line(&output.marked(Mark::Bold, &heading))?;
            self.widths = Some(widths);
        }
        let widths = self.widths.clone().unwrap_or_default();
        for row in rows {
            output.line(&aligned(row, &widths))?;
        }
        output.flush()
    }

    fn measure(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let column = |index: usize| rows.iter().filter_map(move |row| row.get(index));
        let widest = |index| column(index).map(|cell| width(cell)).max().unwrap_or(0);
        self.headings
            .iter()
            .enumerate()
            .map(|(index, heading)| width(heading).max(widest(index)))
            .collect()
    }
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths).map(|(cell, width)| pad(&printable(cell), *width));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn pad(text: &str, width: usize) -> String {
    format!("{text:width$}")
}

fn width(text: &str) -> usize {
    printable(text).chars().count()
}

/// `text` without what would steer a terminal or turn the reading direction.
pub(crate) fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        let is_steering = c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match is_steering {
            true => clean.extend(c.escape_unicode()),
            false => clean.push(c),
        }
    }
    clean
}

/// A JSON value as people read it: strings bare, the rest as JSON.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{aligned, printable};

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c");
        assert_eq!(printable("Zoë 陳"), "Zoë 陳");
    }

    #[test]
    fn columns_are_aligned_and_lines_end_without_spaces() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        assert_eq!(aligned(&row(&["a", "b", ""]), &[4, 3, 5]), "a     b");
        assert_eq!(aligned(&row(&["wider", "b", "c"]), &[4, 3, 5]), "wider  b    c");
    }
}
