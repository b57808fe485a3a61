//! A `parlor` process and the few requests the tests make of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A started `parlor dev`, killed when dropped.
pub(super) struct Dev {
    child: Child,
    /// The line it printed when it was ready.
    pub(super) ready: Value,
}

impl Dev {
    /// Starts on any free ports with `data`, and waits until it is ready.
    pub(super) fn start(data: &Path) -> Self {
        Self::start_with(|command| command.arg("--data").arg(data))
    }

    /// Starts with further arguments.
    pub(super) fn start_with(further: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = parlor();
        command.args(["dev", "--json", "--listen", "127.0.0.1:0"]);
        let mut child = further(&mut command).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, ready }
    }

    /// A text of the ready line.
    pub(super) fn field(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// Its key.
    pub(super) fn key(&self) -> &str {
        self.field("api_key")
    }

    /// One request with `key`.
    pub(super) fn request(&self, key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        request(self.field("url"), key, method, path, body)
    }

    /// Kills it as a power cut would.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits for it.
    pub(super) fn terminate(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It may have ended already; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A started `parlor serve`, killed when dropped.
pub(super) struct Serve {
    child: Child,
    url: String,
}

impl Serve {
    /// Starts with the configuration `file`, and waits until the log says
    /// where it listens.
    pub(super) fn start(file: &str) -> Self {
        let mut command = parlor();
        let child =
            command.args(["serve", "--config", file]).stderr(Stdio::piped()).spawn().unwrap();
        let mut server = Self { url: String::new(), child };
        let log = BufReader::new(server.child.stderr.take().unwrap());
        let line =
            log.lines().map(Result::unwrap).find(|line| line.contains("is running")).unwrap();
        let (_, address) = line.split_once("listen=").unwrap();
        server.url = format!("http://{}", address.split_whitespace().next().unwrap());
        server
    }

    /// One request with `key`.
    pub(super) fn request(&self, key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        request(&self.url, key, method, path, body)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, with an environment of our own.
pub(super) fn parlor() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PARLOR_")) {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub(super) fn run(arguments: &[&str]) -> Output {
    parlor().args(arguments).output().unwrap()
}

/// What a failed run said, which must be one line.
pub(super) fn failure(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!output.status.success(), "should have failed");
    assert_eq!(text.lines().count(), 1, "one line, not: {text}");
    text
}

impl Dev {
    /// A command of the program that talks to this server, run to its end.
    pub(super) fn cli(&self, arguments: &[&str]) -> Output {
        self.cli_command(arguments).output().unwrap()
    }

    /// The same, not started yet.
    pub(super) fn cli_command(&self, arguments: &[&str]) -> Command {
        let mut command = parlor();
        command.args(arguments).env("PARLOR_URL", self.field("url"));
        command.env("PARLOR_API_KEY", self.key());
        command
    }

    /// What a command that must succeed prints, as JSON.
    pub(super) fn cli_json(&self, arguments: &[&str]) -> Value {
        let output = self.cli(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
    }

    /// What a command that must succeed prints for people.
    pub(super) fn cli_text(&self, arguments: &[&str]) -> String {
        let output = self.cli(&[arguments, &["--text"]].concat());
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

/// One HTTP request on a connection of its own.
pub(super) fn request(url: &str, key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let host = url.strip_prefix("http://").unwrap();
    request_as(url, host, key, (method, path), body)
}

/// The same by another name of the server.
pub(super) fn request_as(
    url: &str,
    host: &str,
    key: &str,
    (method, path): (&str, &str),
    body: &str,
) -> (u16, Value) {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}
