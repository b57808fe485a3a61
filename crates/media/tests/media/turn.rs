//! The relay, as a client sees it that speaks TURN over a connection.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use md5::{Digest as _, Md5};
use parlor_bus::{RelayCredentials, RelayUser, TicketKey};
use parlor_media::StreamEnds;
use parlor_model::id::ParticipantId;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{KEY, LOOPBACK, PATIENCE, TestNode, now};

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const ALLOCATE: u16 = 0x003;
const REFRESH: u16 = 0x004;
const PERMIT: u16 = 0x008;
const SEND: u16 = 0x016;

/// An attribute: its number and what it says.
type Attribute<'a> = (u16, &'a [u8]);

/// A client that may have a relay.
struct TurnClient {
    stream: DuplexStream,
    user: RelayCredentials,
    nonce: Vec<u8>,
}

impl TurnClient {
    /// Connects, and learns the nonce.
    async fn connect(tasks: &mut JoinSet<()>, node: &TestNode) -> Self {
        let (stream, ours) = tokio::io::duplex(64 * 1024);
        let door = node.node.streams();
        let ends = StreamEnds {
            peer: SocketAddr::new(LOOPBACK, 50_000),
            local: SocketAddr::new(LOOPBACK, 443),
        };
        tasks.spawn(async move { door.turn(ours, ends).await });
        let participant = ParticipantId::from_random([9; 16]);
        let user = RelayUser { participant, begins_by: now().plus_seconds(60) };
        let user = TicketKey::from_bytes(KEY).relay_credentials(user);
        let mut client = Self { stream, user, nonce: Vec::new() };
        client.send(&message(ALLOCATE, &[(0x19, &[17, 0, 0, 0])])).await;
        let refused = client.answer().await.unwrap_err();
        client.nonce = attribute(&refused, 0x15).unwrap().to_vec();
        client
    }

    /// Asks for something; the refusal, if it is one.
    async fn ask(&mut self, method: u16, wanted: &[Attribute<'_>]) -> Result<Vec<u8>, Vec<u8>> {
        let RelayCredentials { username, password } = &self.user;
        let key = Md5::digest(format!("{username}:parlor:{password}"));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
        let signer = [(0x06, username.as_bytes()), (0x14, b"parlor"), (0x15, &self.nonce)];
        let mut request = message(method, &[wanted, &signer[..]].concat());
        // The length that is signed has the signature in it.
        set_length(&mut request, 24);
        let signature = hmac::sign(&key, &request);
        request.extend([0, 8, 0, 20]);
        request.extend(signature.as_ref());
        self.send(&request).await;
        self.answer().await
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The body of the next message: of a success, or of an error.
    async fn answer(&mut self) -> Result<Vec<u8>, Vec<u8>> {
        let mut head = [0; 20];
        timeout(PATIENCE, self.stream.read_exact(&mut head)).await.unwrap().unwrap();
        let mut body = vec![0; usize::from(u16::from_be_bytes([head[2], head[3]]))];
        self.stream.read_exact(&mut body).await.unwrap();
        if head[0] == 1 && head[1] & 0x10 == 0 { Ok(body) } else { Err(body) }
    }
}

fn message(kind: u16, attributes: &[Attribute<'_>]) -> Vec<u8> {
    let mut message = [&kind.to_be_bytes()[..], &[0; 2], &COOKIE, &[5; 12]].concat();
    for (number, value) in attributes {
        message.extend(number.to_be_bytes());
        message.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        message.extend(*value);
        message.resize(message.len().next_multiple_of(4), 0);
    }
    set_length(&mut message, 0);
    message
}

fn set_length(message: &mut [u8], more: usize) {
    let length = u16::try_from(message.len() - 20 + more).unwrap();
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

fn attribute(mut body: &[u8], wanted: u16) -> Option<&[u8]> {
    while let Some((head, rest)) = body.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if u16::from_be_bytes([head[0], head[1]]) == wanted {
            return rest.get(..length);
        }
        body = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// An IPv4 address as attributes carry it, masked.
fn masked(address: SocketAddr) -> Vec<u8> {
    let SocketAddr::V4(v4) = address else { panic!("{address} is not of IPv4") };
    let bytes = [&v4.port().to_be_bytes()[..], &v4.ip().octets()].concat();
    let mask = [&COOKIE[..2], &COOKIE].concat();
    let plain = [0, 1].into_iter();
    plain.chain(bytes.iter().zip(mask).map(|(byte, mask)| byte ^ mask)).collect()
}

#[tokio::test]
async fn a_client_that_allocates_again_and_again_is_one_connection() {
    let node = TestNode::start_with(|config| config.threads = Some(1)).await;
    let mut tasks = JoinSet::new();
    let mut client = TurnClient::connect(&mut tasks, &node).await;
    let media = masked(node.node.udp_addrs()[0]);
    for sent in 1..=5 {
        client.ask(ALLOCATE, &[(0x19, &[17, 0, 0, 0])]).await.unwrap();
        client.ask(PERMIT, &[(0x12, &media)]).await.unwrap();
        client.send(&message(SEND, &[(0x12, &media), (0x13, b"hello")])).await;
        node.until(|stats| stats.workers[0].stream_packets_in == sent).await;
        assert_eq!(node.node.stats().workers[0].streams, 1);
        client.ask(REFRESH, &[(0x0d, &[0; 4])]).await.unwrap();
    }
    drop(client);
    node.until(|stats| stats.workers[0].streams == 0).await;
    node.node.shutdown().await;
}
