//! Clients that are gone before their answer: what they began is done whole,
//! and the audit log says what came of it.

use std::net::SocketAddr;
use std::sync::mpsc;

use axum::http::StatusCode;
use parlor_store::{Connection, StoreError};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::bad_input::request;
use crate::support::{TestServer, until};

fn head(server: &TestServer, line: &str) -> String {
    format!("{line} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n", server.key.expose())
}

/// Answered after everything that came in before was looked at.
async fn look(server: &TestServer, address: SocketAddr) {
    let answer = request(address, head(server, "GET /v1/rooms")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_deletion_whose_client_resets_the_connection_is_done_and_logged() {
    let mut server = TestServer::start().await;
    let address = server.listen().await;
    server.key().post("/v1/rooms", json!({"name": "standup"})).await;

    // Nothing is written while the client is there.
    let (go, may_go) = mpsc::sync_channel::<()>(1);
    let writer = server.store.clone();
    let mut holding = JoinSet::new();
    holding.spawn(async move {
        let hold = move |_: &mut dyn Connection| Ok(may_go.recv().is_ok());
        writer.write::<_, StoreError, _>(hold).await
    });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let deletion = head(&server, "DELETE /v1/rooms/standup");
    stream.write_all(deletion.as_bytes()).await.unwrap();
    look(&server, address).await;
    stream.set_zero_linger().unwrap();
    drop(stream);
    look(&server, address).await;
    go.send(()).unwrap();
    assert!(holding.join_all().await.into_iter().all(|held| held.unwrap()));

    let log = format!("/api/audit/organizations/{}", server.org);
    let outcome = until(async || {
        let log = server.key().get(&log).await;
        match log.body["items"][0]["statusCode"].as_u64() {
            Some(status) => Ok(status),
            None => Err(log),
        }
    });
    assert_eq!(outcome.await, 200);
    let room = server.key().get("/v1/rooms/standup").await;
    assert_eq!(room.status, StatusCode::NOT_FOUND, "{room}");
}
