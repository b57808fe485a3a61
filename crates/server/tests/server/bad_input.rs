//! What bad clients send, over a real socket: a clear answer or a closed
//! connection, and the next request works.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use parlor_server::ListenLimits;
use proptest::prelude::{any, prop};
use proptest::prop_assert;
use proptest::test_runner::{Config, TestRunner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::TestServer;

/// Nothing here should take as long as this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends bytes on a connection of their own and reads one answer, or to the
/// end when the server closes.
pub(crate) async fn request(address: SocketAddr, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may close while it is still being written to.
    stream.write_all(bytes.as_ref()).await.ok();
    read_answer(&mut stream).await
}

/// Head and body of one answer; what there is, when the connection ends first.
async fn read_answer(stream: &mut TcpStream) -> String {
    let reading = async {
        let mut answer = Vec::new();
        while !is_complete(&answer) {
            let mut chunk = [0; 8192];
            match stream.read(&mut chunk).await {
                Ok(count) if count > 0 => answer.extend_from_slice(&chunk[..count]),
                _ => break,
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("an answer, or the end")
}

fn is_complete(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() >= length.parse().unwrap())
}

fn get(server: &TestServer, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n",
        server.key.expose()
    )
}

fn post(server: &TestServer, path: &str, body: &[u8]) -> Vec<u8> {
    let key = server.key.expose();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

async fn assert_serves(server: &TestServer, address: SocketAddr) {
    let answer = request(address, get(server, "/v1/rooms")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

async fn listening(change: impl FnOnce(&mut ListenLimits)) -> (TestServer, SocketAddr) {
    let mut server = TestServer::with(|settings| {
        settings.limits.body_time = Duration::from_millis(200);
        change(&mut settings.limits.listen);
    })
    .await;
    let address = server.listen().await;
    (server, address)
}

#[tokio::test]
async fn invalid_utf_8_in_the_body_is_a_json_parsing_error() {
    let (server, address) = listening(|_| {}).await;
    let answer = request(address, post(&server, "/v1/rooms", b"{\"name\":\"\xff\xfe\"}")).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("json-parsing-error"), "{answer}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn nesting_deeper_than_128_is_a_json_parsing_error() {
    let (server, address) = listening(|_| {}).await;
    let body = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let answer = request(address, post(&server, "/v1/rooms", &body)).await;
    assert!(answer.contains("json-parsing-error"), "{answer}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn bad_percent_encoding_is_told_to_who_has_a_key_and_may() {
    let server = TestServer::start().await;
    let tokens =
        server.limited_key(parlor_model::key_permission::KeyPermission::CreateTokens).await;
    for path in ["/v1/rooms/%zz", "/api/v1//rooms/%ff/", "/v1/rooms?limit=%", "/v1/?x=%"] {
        let answer = server.anonymous().get(path).await;
        assert_eq!(answer.body["error"], "authorization-header-error", "{path}: {answer}");
        let answer = server.bad_key().get(path).await;
        assert_eq!(answer.status, axum::http::StatusCode::UNAUTHORIZED, "{path}");
        let answer = server.bearer(&tokens).get(path).await;
        assert_eq!(answer.status, axum::http::StatusCode::FORBIDDEN, "{path}");
        let answer = server.key().get(path).await;
        assert_eq!(answer.info(), "the address is not valid percent-encoded UTF-8", "{path}");
    }
}

#[tokio::test]
async fn bad_percent_encoding_is_400_in_our_envelope() {
    let (server, address) = listening(|_| {}).await;
    for path in ["/v1/rooms/%", "/v1/rooms/%zz", "/v1/rooms/%ff", "/v1/rooms?limit=%", "/%c3%28"] {
        let answer = request(address, get(&server, path)).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        assert!(answer.contains(r#""error":"invalid-request-error""#), "{answer}");
    }
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn body_that_nobody_wanted_does_not_break_the_connection() {
    let (server, address) = listening(|_| {}).await;
    let heads = [
        "GET /v1/rooms",
        "POST /v1/batch/rooms",
        "POST /v1/nope",
        "PUT /v1/rooms",
        "DELETE /v1/rooms/absent",
    ];
    let key = server.key.expose();
    for head in heads {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "{head} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ncontent-length: 12\r\n\r\n"
        );
        // Head and body in segments of their own, as most clients send them.
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(b"{\"a\":\"bcde\"}"[..12].as_ref()).await.unwrap();
        let first = read_answer(&mut stream).await;
        assert!(first.starts_with("HTTP/1.1 "), "{head}: {first}");
        stream.write_all(get(&server, "/v1/rooms").as_bytes()).await.unwrap();
        let second = read_answer(&mut stream).await;
        assert!(second.starts_with("HTTP/1.1 200"), "{head}: {second}");
    }
}

#[tokio::test]
async fn body_over_1_mib_is_413_in_our_envelope() {
    let (server, address) = listening(|_| {}).await;
    let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(1024 * 1024));
    let answer = request(address, post(&server, "/v1/rooms", body.as_bytes())).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("the body is larger than 1048576 bytes"), "{answer}");
    let announced = "POST /v1/rooms HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n";
    let answer = request(
        address,
        format!("{announced}authorization: Bearer {}\r\n\r\n", server.key.expose()),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn body_without_a_length_is_bounded_too() {
    let (server, address) = listening(|_| {}).await;
    let key = server.key.expose();
    let head = format!(
        "POST /v1/rooms HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let body = [head, chunk.repeat(20), "0\r\n\r\n".to_owned()].concat();
    let answer = request(address, body).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn headers_over_32_kib_are_431() {
    let (server, address) = listening(|_| {}).await;
    let filler = format!("x-filler: {}\r\n", "x".repeat(40 * 1024));
    let ours = get(&server, "/v1/rooms").replacen("\r\n", &format!("\r\n{filler}"), 1);
    let answer = request(address, ours).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(
        answer.contains("the request line and headers are larger than 32768 bytes"),
        "{answer}"
    );
    let many = format!("GET /v1/rooms HTTP/1.1\r\n{}", "x-y: z\r\n".repeat(50_000));
    let answer = request(address, many).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn long_address_within_the_limit_is_answered() {
    let (server, address) = listening(|_| {}).await;
    let answer = request(address, get(&server, &format!("/v1/rooms/{}", "x".repeat(20_000)))).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(answer.len() < 2000, "{} bytes", answer.len());
}

#[tokio::test]
async fn slow_headers_end_the_connection() {
    let (server, address) = listening(|limits| limits.head = Duration::from_millis(200)).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /v1/rooms HTTP/1.1\r\nhost:").await.unwrap();
    assert_eq!(read_answer(&mut slow).await, "");
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(read_answer(&mut silent).await, "");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn slow_headers_of_a_second_request_end_the_connection_before_idling_would() {
    let (server, address) = listening(|limits| {
        limits.head = Duration::from_millis(200);
        limits.idle = Duration::from_secs(3600);
    })
    .await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(get(&server, "/v1/rooms").as_bytes()).await.unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    stream.write_all(b"GET").await.unwrap();
    assert_eq!(read_answer(&mut stream).await, "");
}

#[tokio::test]
async fn idle_connection_is_kept_longer_than_headers_may_take_and_then_closed() {
    let (server, address) = listening(|limits| {
        limits.head = Duration::from_millis(50);
        limits.idle = Duration::from_millis(400);
    })
    .await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(get(&server, "/v1/rooms").as_bytes()).await.unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    let idle_since = std::time::Instant::now();
    assert_eq!(read_answer(&mut stream).await, "");
    assert!(idle_since.elapsed() >= Duration::from_millis(350), "{:?}", idle_since.elapsed());
}

#[tokio::test]
async fn slow_body_is_408_in_our_envelope() {
    let (server, address) = listening(|_| {}).await;
    let whole = post(&server, "/v1/rooms", b"{\"name\":\"standup\"}");
    let answer = request(address, &whole[..whole.len() - 3]).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("the body did not arrive within"), "{answer}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn half_closed_client_still_gets_its_answer() {
    let (server, address) = listening(|_| {}).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(get(&server, "/v1/rooms").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn client_that_goes_away_in_mid_request_hurts_nobody() {
    let (server, address) = listening(|_| {}).await;
    let whole = post(&server, "/v1/rooms", b"{\"name\":\"standup\"}");
    for end in [1, 10, 40, whole.len() - 1] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&whole[..end]).await.unwrap();
        drop(stream);
    }
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_and_garbage_ends_the_connection() {
    let (server, address) = listening(|_| {}).await;
    let good = get(&server, "/v1/rooms");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let bytes = format!("{good}{good}\x00\x01garbage\r\n\r\n");
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut all = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut all)).await.unwrap().unwrap();
    assert_eq!(all.matches("HTTP/1.1 200").count(), 2, "{all}");
    assert!(all.matches("HTTP/1.1 400").count() <= 1, "{all}");
    assert_serves(&server, address).await;
}

#[tokio::test]
async fn no_more_connections_than_allowed_are_served_at_once() {
    let (server, address) = listening(|limits| {
        limits.connections = 2;
        limits.idle = Duration::from_millis(300);
        limits.head = Duration::from_millis(300);
    })
    .await;
    let waiting: Vec<_> = [TcpStream::connect(address).await, TcpStream::connect(address).await]
        .into_iter()
        .map(Result::unwrap)
        .collect();
    // Served once the two silent ones have been closed for being silent.
    assert_serves(&server, address).await;
    drop(waiting);
}

#[tokio::test]
async fn shutdown_lets_a_running_request_finish() {
    let server = TestServer::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(parlor_server::serve(
        listener,
        server.app.clone(),
        parlor_server::Doors::default(),
        stop.clone(),
    ));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let whole = post(&server, "/v1/rooms", b"{\"name\":\"standup\"}");
    stream.write_all(&whole[..whole.len() - 3]).await.unwrap();
    assert_serves(&server, address).await;
    stop.cancel();
    stream.write_all(&whole[whole.len() - 3..]).await.unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    tokio::time::timeout(PATIENCE, serving.join_all()).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[test]
fn any_bytes_in_body_and_query_get_an_answer_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(TestServer::start());
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let paths = ["/v1/rooms", "/v1/rooms/a", "/v1/meeting-tokens", "/v1", "/_parlor/join"];
    let body = prop::collection::vec(any::<u8>(), 0..300);
    let input = (body, "[!$-;=?-Z_a-z~]{0,40}", prop::sample::select(paths.to_vec()));
    let outcome = TestRunner::new(config).run(&input, |(body, query, path)| {
        let address = format!("{path}?{query}");
        for method in [Method::POST, Method::GET] {
            let caller = server.key();
            let answer = runtime.block_on(caller.send(method, &address, body.clone()));
            prop_assert!(matches!(answer.status.as_u16(), 200 | 400 | 404 | 405), "{answer}");
            prop_assert!(answer.body.is_object(), "{answer}");
        }
        Ok(())
    });
    outcome.unwrap();
}
