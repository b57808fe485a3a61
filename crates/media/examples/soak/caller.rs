//! A headless participant on real sockets: one for media, one call socket, one
//! task. Shared by the soak and the node's tests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use parlor_client::{Input, Output, Participant, ParticipantConfig};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep_until;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type CallSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Most datagrams taken in a row before the other inputs get their turn.
const RECEIVE_BATCH: usize = 64;

/// The handle of a running participant.
pub(crate) struct Caller {
    shared: Arc<Shared>,
}

struct Shared {
    participant: Mutex<Participant>,
    /// Told after each step of the participant.
    stepped: Notify,
    /// Told when the handle changed the participant.
    touched: Notify,
}

impl Caller {
    /// Opens both sockets and begins to call. The task ends with the call
    /// socket, or with `tasks`.
    pub(crate) async fn start(
        tasks: &mut JoinSet<()>,
        url: &str,
        config: impl FnOnce(SocketAddr) -> ParticipantConfig,
    ) -> Self {
        let udp = UdpSocket::bind(("127.0.0.1", 0)).await.expect("loopback has free ports");
        let address = udp.local_addr().expect("the socket is bound");
        Self::start_over(tasks, url, Wire::Udp(udp), config(address)).await
    }

    /// The same over another wire, which `config` must name as its address.
    pub(crate) async fn start_over(
        tasks: &mut JoinSet<()>,
        url: &str,
        wire: Wire,
        config: ParticipantConfig,
    ) -> Self {
        let (call, _response) =
            tokio_tungstenite::connect_async(url).await.expect("the node takes call sockets");
        let mut participant = Participant::new(config, Instant::now());
        participant.handle(Instant::now(), Input::Opened);
        let shared = Arc::new(Shared {
            participant: Mutex::new(participant),
            stepped: Notify::new(),
            touched: Notify::new(),
        });
        tasks.spawn(run(Arc::clone(&shared), wire, call));
        Self { shared }
    }

    /// Looks at the participant, or changes it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Participant) -> T) -> T {
        let outcome = act(&mut self.shared.lock());
        self.shared.touched.notify_one();
        outcome
    }

    /// Waits until the participant satisfies the condition.
    pub(crate) async fn until(&self, mut is_met: impl FnMut(&Participant) -> bool) {
        loop {
            let stepped = self.shared.stepped.notified();
            if is_met(&self.shared.lock()) {
                return;
            }
            stepped.await;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Participant> {
        self.participant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, input: Input<'_>) {
        self.lock().handle(Instant::now(), input);
    }
}

/// What carries a participant's datagrams.
pub(crate) enum Wire {
    /// A socket.
    Udp(UdpSocket),
    /// Whatever is at the other end of these.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests call over other wires"))]
    Pipe(Pipe),
}

/// Datagrams with the address of the other side.
pub(crate) struct Pipe {
    pub(crate) outgoing: mpsc::Sender<(SocketAddr, Vec<u8>)>,
    pub(crate) incoming: mpsc::Receiver<(SocketAddr, Vec<u8>)>,
}

impl Wire {
    /// Takes what has come, at least one datagram.
    async fn receive(&mut self, shared: &Shared, buffer: &mut [u8]) {
        match self {
            Self::Udp(udp) => {
                if udp.readable().await.is_ok() {
                    receive(shared, udp, buffer);
                }
            }
            Self::Pipe(pipe) => match pipe.incoming.recv().await {
                Some((source, bytes)) => shared.handle(Input::Datagram { source, bytes: &bytes }),
                None => std::future::pending().await,
            },
        }
    }

    /// Sends. A datagram that cannot be sent is lost, as on any network.
    async fn send(&self, destination: SocketAddr, contents: Vec<u8>) {
        match self {
            Self::Udp(udp) => drop(udp.send_to(&contents, destination).await),
            Self::Pipe(pipe) => drop(pipe.outgoing.try_send((destination, contents))),
        }
    }
}

async fn run(shared: Arc<Shared>, mut wire: Wire, mut call: CallSocket) {
    let mut buffer = vec![0; 2048];
    loop {
        let Some(deadline) = send_all(&shared, &wire, &mut call).await else {
            return;
        };
        tokio::select! {
            message = call.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text).expect("the node speaks the protocol");
                    shared.handle(Input::Message(Box::new(message)));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return shared.handle(Input::Closed),
            },
            () = wire.receive(&shared, &mut buffer) => {}
            () = sleep_until(deadline.into()) => shared.handle(Input::Timeout),
            () = shared.touched.notified() => {}
        }
        shared.stepped.notify_waiters();
    }
}

fn receive(shared: &Shared, udp: &UdpSocket, buffer: &mut [u8]) {
    for _ in 0..RECEIVE_BATCH {
        let Ok((length, source)) = udp.try_recv_from(buffer) else {
            return;
        };
        shared.handle(Input::Datagram { source, bytes: &buffer[..length] });
    }
}

/// Sends what is waiting. The next deadline, or `None` when the call is over.
async fn send_all(shared: &Shared, wire: &Wire, call: &mut CallSocket) -> Option<Instant> {
    let (outputs, deadline) = {
        let mut participant = shared.lock();
        let outputs: Vec<_> = std::iter::from_fn(|| participant.poll()).collect();
        (outputs, participant.next_timeout())
    };
    for output in outputs {
        match output {
            Output::Message(message) => {
                let text = serde_json::to_string(&message).expect("messages serialise");
                call.send(Message::text(text)).await.ok()?;
            }
            Output::Datagram(transmit) => {
                wire.send(transmit.destination, transmit.contents).await;
            }
        }
    }
    deadline
}
