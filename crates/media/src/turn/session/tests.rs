use super::*;

const USER: &str = "ana";
const PASSWORD: &str = "secret";
const NONCE: &str = "0123456789abcdef";

/// A node with media at one address, and one user.
struct Node;

impl Around for Node {
    fn password(&self, username: &str) -> Option<String> {
        (username == USER).then(|| PASSWORD.to_owned())
    }

    fn has_ip(&self, ip: IpAddr) -> bool {
        ip == media().ip()
    }

    fn has_address(&self, address: SocketAddr) -> bool {
        address == media()
    }

    fn relayed(&self, asked: Option<Family>) -> Option<SocketAddr> {
        (asked != Some(Family::V6)).then_some(SocketAddr::from(([240, 0, 0, 1], 49_152)))
    }
}

fn media() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 10_000))
}

fn session() -> Session {
    Session::new(SocketAddr::from(([198, 51, 100, 1], 5000)), NONCE.to_owned())
}

fn request(method: Method, build: impl FnOnce(Writer) -> Writer) -> Vec<u8> {
    request_as(USER, PASSWORD, method, build)
}

fn request_as(
    user: &str,
    password: &str,
    method: Method,
    build: impl FnOnce(Writer) -> Writer,
) -> Vec<u8> {
    let writer = Writer::new(method, Class::Request, [3; 12])
        .attribute(kind::USERNAME, user.as_bytes())
        .attribute(kind::REALM, REALM.as_bytes())
        .attribute(kind::NONCE, NONCE.as_bytes());
    build(writer).sign(&long_term_key(user, REALM, password))
}

fn allocate() -> Vec<u8> {
    request(Method::Allocate, |writer| writer.attribute(kind::TRANSPORT, &[UDP, 0, 0, 0]))
}

/// The code of an error, 0 of a success.
fn code(outcome: Result<Action, Misbehaved>) -> u16 {
    let Ok(Action::Reply(bytes)) = outcome else {
        panic!("{outcome:?} is no reply");
    };
    let message = Message::parse(&bytes).unwrap();
    match message.find(kind::ERROR_CODE) {
        Some(value) => u16::from(value[2]) * 100 + u16::from(value[3]),
        None => 0,
    }
}

fn ask(session: &mut Session, packet: &[u8]) -> u16 {
    code(session.handle(Instant::now(), &Node, packet))
}

fn allocated() -> Session {
    let mut session = session();
    assert_eq!(ask(&mut session, &allocate()), 0);
    session
}

fn send(peer: SocketAddr) -> Vec<u8> {
    Writer::new(Method::Send, Class::Indication, [4; 12])
        .address(kind::PEER, peer)
        .attribute(kind::DATA, b"hello")
        .finish()
}

#[test]
fn who_does_not_say_who_it_is_learns_what_to_say() {
    let plain = Writer::new(Method::Allocate, Class::Request, [1; 12])
        .attribute(kind::TRANSPORT, &[UDP, 0, 0, 0])
        .finish();
    let outcome = session().handle(Instant::now(), &Node, &plain);
    let Ok(Action::Reply(bytes)) = &outcome else {
        panic!("{outcome:?}");
    };
    let reply = Message::parse(bytes).unwrap();
    assert_eq!(reply.text(kind::NONCE), Some(NONCE));
    assert_eq!(reply.text(kind::REALM), Some(REALM));
    assert_eq!(code(outcome), 401);
}

#[test]
fn wrong_credentials_are_refused_and_guessing_ends() {
    let mut session = session();
    let guess = |user: &str, password: &str| request_as(user, password, Method::Allocate, |w| w);
    assert_eq!(ask(&mut session, &guess("bo", PASSWORD)), 401);
    assert_eq!(ask(&mut session, &guess(USER, "wrong")), 401);
    let wrong = guess(USER, "wrong");
    let ended = (0..20).find(|_| session.handle(Instant::now(), &Node, &wrong).is_err());
    assert_eq!(ended, Some(14));
}

#[test]
fn packets_pass_to_the_nodes_media_and_nowhere_else() {
    let mut session = allocated();
    let now = Instant::now();
    assert_eq!(session.handle(now, &Node, &send(media())), Ok(Action::Nothing));
    assert_eq!(session.wrap(now, media(), b"back"), None);

    let permit = |peer| request(Method::CreatePermission, |w| w.address(kind::PEER, peer));
    assert_eq!(ask(&mut session, &permit(media())), 0);
    let relayed = SocketAddr::from(([240, 0, 0, 1], 49_152));
    let passed = Action::Relay(relayed, media(), b"hello".to_vec());
    assert_eq!(session.handle(now, &Node, &send(media())), Ok(passed));
    let back = session.wrap(now, media(), b"back").unwrap();
    let back = Message::parse(&back).unwrap();
    assert_eq!((back.peers(), back.find(kind::DATA)), (Some(vec![media()]), Some(&b"back"[..])));

    let elsewhere = SocketAddr::from(([192, 0, 2, 99], 10_000));
    assert_eq!(ask(&mut session, &permit(elsewhere)), 403);
    assert_eq!(ask(&mut session, &permit("[2001:db8::1]:1".parse().unwrap())), 443);
    let other_port = SocketAddr::new(media().ip(), 22);
    assert_eq!(session.handle(now, &Node, &send(other_port)), Ok(Action::Nothing));
}

#[test]
fn a_channel_carries_packets_both_ways() {
    let mut session = allocated();
    let now = Instant::now();
    let bind = |number: u16, peer| {
        request(Method::ChannelBind, |writer| {
            let [high, low] = number.to_be_bytes();
            writer.attribute(kind::CHANNEL, &[high, low, 0, 0]).address(kind::PEER, peer)
        })
    };
    assert_eq!(ask(&mut session, &bind(0x3fff, media())), 400);
    assert_eq!(ask(&mut session, &bind(0x4000, media())), 0);
    let packet = b"\x40\x00\x00\x05hello\0\0\0";
    let Ok(Action::Relay(_, to, contents)) = session.handle(now, &Node, packet) else {
        panic!("nothing passed");
    };
    assert_eq!((to, &contents[..]), (media(), &b"hello"[..]));
    let back = session.wrap(now, media(), b"hello").unwrap();
    assert_eq!(back, packet);
    assert_eq!(session.handle(now, &Node, b"\x40\x01\x00\x05hello"), Ok(Action::Nothing));
    assert_eq!(session.handle(now, &Node, b"\x40\x00\xff\xffhello"), Ok(Action::Nothing));
}

#[test]
fn an_allocation_is_one_and_ends_when_it_is_told_or_forgotten() {
    let mut session = allocated();
    assert_eq!(ask(&mut session, &allocate()), 437);
    let refresh = |secs: u32| {
        request(Method::Refresh, |writer| writer.attribute(kind::LIFETIME, &secs.to_be_bytes()))
    };
    assert_eq!(ask(&mut session, &refresh(600)), 0);
    assert!(!session.is_idle(Instant::now(), &Node));
    assert!(session.is_idle(Instant::now() + Duration::from_secs(601), &Node));
    let mut session = allocated();
    assert_eq!(ask(&mut session, &refresh(0)), 0);
    assert_eq!(ask(&mut session, &refresh(600)), 437);
}

#[test]
fn what_is_not_offered_is_refused_by_its_name() {
    let with = |kind, value: &[u8]| {
        let value = value.to_vec();
        request(Method::Allocate, |writer| {
            let transport =
                if kind == kind::TRANSPORT { value.clone() } else { vec![UDP, 0, 0, 0] };
            let writer = writer.attribute(kind::TRANSPORT, &transport);
            if kind == kind::TRANSPORT { writer } else { writer.attribute(kind, &value) }
        })
    };
    for (packet, expected) in [
        (request(Method::Allocate, |writer| writer), 400),
        (with(kind::TRANSPORT, &[6, 0, 0, 0]), 442),
        (with(kind::FAMILY, &[2, 0, 0, 0]), 440),
        (with(kind::FAMILY, &[9, 0, 0, 0]), 440),
        (with(kind::LIFETIME, &[1]), 400),
        // EVEN-PORT.
        (with(0x0018, &[0x80]), 420),
    ] {
        assert_eq!(ask(&mut session(), &packet), expected);
    }
}

#[test]
fn garbage_ends_the_connection_and_harms_nothing() {
    let mut session = allocated();
    assert_eq!(session.handle(Instant::now(), &Node, b"\0\x01\0\0GET /"), Err(Misbehaved));
    assert_eq!(session.handle(Instant::now(), &Node, b""), Err(Misbehaved));
    let whole = allocate();
    for index in 0..whole.len() {
        let mut mutated = whole.clone();
        mutated[index] ^= 0x41;
        // Whatever comes of it, it is an answer or an end.
        session.handle(Instant::now(), &Node, &mutated).ok();
    }
    assert_eq!(ask(&mut session, &request(Method::Refresh, |writer| writer)), 0);
}

#[test]
fn a_connection_has_so_many_allocations_and_no_more() {
    let mut session = session();
    let end = request(Method::Refresh, |w| w.attribute(kind::LIFETIME, &[0; 4]));
    for _ in 0..MAX_ALLOCATIONS {
        assert_eq!(ask(&mut session, &allocate()), 0);
        assert_eq!(ask(&mut session, &end), 0);
    }
    assert_eq!(ask(&mut session, &allocate()), 486);
}
