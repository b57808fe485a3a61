//! A keep-alive connection that speaks just enough HTTP/1.1 to cost little.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::{Options, Outcome};

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(options: &Options) -> Outcome<Self> {
        let stream = TcpStream::connect(&options.host)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 1024 * 1024] })
    }

    /// One request and its whole answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..])?;
            if count == 0 {
                return Err("the server closed the connection".into());
            }
            filled += count;
            if let Some(answer) = complete(&self.buffer[..filled])? {
                return Ok(answer);
            }
        }
    }

    /// A request whose answer must be a 200; its body.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Outcome<String> {
        let answer = self.exchange(request)?;
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, answer.body).into());
        }
        Ok(answer.body)
    }
}

/// The bytes of a request with the key of `options`.
pub(crate) fn request(options: &Options, method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        options.host,
        options.key,
        body.len()
    )
    .into_bytes()
}

fn complete(answer: &[u8]) -> Outcome<Option<Answer>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&answer[..end])?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.ok_or("an answer without a length")?.parse()?;
    if answer.len() < end + 4 + length {
        return Ok(None);
    }
    let status = head.split(' ').nth(1).ok_or("an answer without a status")?.parse()?;
    let body = String::from_utf8_lossy(&answer[end + 4..]).into_owned();
    Ok(Some(Answer { status, body }))
}
