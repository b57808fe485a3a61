//! What `parlor` says on the terminal. The only place that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is this module's job")]

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

/// What a program needs to know of a started `parlor dev`.
#[derive(Serialize)]
pub(crate) struct Ready<'a> {
    /// The origin.
    pub(crate) url: &'a str,
    /// An API key with every permission.
    pub(crate) api_key: &'a str,
    /// The organization's public name.
    pub(crate) domain: &'a str,
    /// The data folder.
    pub(crate) data: &'a Path,
    /// This program's version.
    pub(crate) version: &'a str,
}

impl Ready<'_> {
    /// One JSON line, for programs.
    pub(crate) fn print_json(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, self)?;
        out.write_all(b"\n")?;
        out.flush()?;
        Ok(())
    }

    /// For people: three requests and a page to try, all of which work as
    /// printed. `room` is a name nobody has used yet.
    pub(crate) fn print(&self, room: &str) {
        let Self { url, api_key, domain, data, version } = self;
        println!(
            "Parlor {version} is running at {url} (domain '{domain}', data in {})

  API key  {api_key}

Make a room, make its owner's token, see who is there:

  curl -H 'Authorization: Bearer {api_key}' {url}/v1/rooms -d '{{\"name\":\"{room}\"}}'
  curl -H 'Authorization: Bearer {api_key}' {url}/v1/meeting-tokens -d '{{\"properties\":{{\"room_name\":\"{room}\",\"is_owner\":true}}}}'
  curl -H 'Authorization: Bearer {api_key}' {url}/v1/rooms/{room}/presence

Then open the room in two windows:

  {url}/{room}

Stop with Ctrl+C.",
            data.display()
        );
    }
}

/// One line on standard output.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// One line on standard error: beside what a program may be waiting for.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Why the program ends, on standard error, in one line.
pub(crate) fn failure(error: &anyhow::Error) {
    eprintln!("parlor: {error:#}");
}
