//! The server process, seen from outside.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running server process.
pub(crate) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Its HTTP address.
    pub(crate) http: String,
}

/// What a node holds for its participants: nothing, once all have left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) rooms: u64,
    pub(crate) participants: u64,
    pub(crate) call_sockets: u64,
    pub(crate) streams: u64,
}

impl Server {
    pub(crate) fn start() -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .arg(crate::SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut server = Self { child, input, output, http: String::new() };
        server.http = server.read_line();
        server
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = self.proc_file("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("the form of proc(5)")
    }

    /// Asks the node what it holds.
    pub(crate) fn held(&mut self) -> Held {
        writeln!(self.input).expect("the server reads");
        let line = self.read_line();
        let mut numbers = line.split(' ').filter_map(|number| number.parse().ok());
        let mut next = || numbers.next().expect("the server prints four numbers");
        let (rooms, participants, call_sockets, streams) = (next(), next(), next(), next());
        Held { rooms, participants, call_sockets, streams }
    }

    /// Ends it and waits.
    pub(crate) fn stop(self) {
        let Self { mut child, input, output, .. } = self;
        drop((input, output));
        child.wait().expect("a child can be waited for");
    }

    fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server prints");
        line.trim().to_owned()
    }

    fn proc_file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).expect("Linux")
    }
}
