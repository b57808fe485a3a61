//! `/_dev`, as `parlor dev` has it and `parlor serve` does not.

use super::process::{Dev, Serve};

#[test]
fn room_of_an_hour_is_gone_when_the_clock_has_moved_an_hour() {
    let dev = Dev::start_with(|command| command);
    let (_, clock) = dev.request(dev.key(), "GET", "/_dev/clock", "");
    let exp = clock["now"].as_i64().unwrap() + 3600;
    let room = format!(r#"{{"name":"brief","properties":{{"exp":{exp}}}}}"#);
    assert_eq!(dev.request(dev.key(), "POST", "/v1/rooms", &room).0, 200);
    let (status, moved) = dev.request(dev.key(), "POST", "/_dev/clock", r#"{"advance":"61m"}"#);
    assert_eq!((status, moved["advanced_seconds"].as_i64()), (200, Some(3660)));
    assert_eq!(dev.request(dev.key(), "GET", "/v1/rooms/brief", "").0, 404);
    assert_eq!(dev.request(dev.key(), "POST", "/_dev/reset", "{}").0, 200);
    let (_, clock) = dev.request(dev.key(), "GET", "/_dev/clock", "");
    assert_eq!(clock["advanced_seconds"], 0);
}

#[test]
fn fault_is_injected_into_the_running_server() {
    let dev = Dev::start_with(|command| command);
    let rules = r#"{"rules":[{"route":"GET /rooms","status":503,"times":1}]}"#;
    assert_eq!(dev.request(dev.key(), "POST", "/_dev/faults", rules).0, 200);
    assert_eq!(dev.request(dev.key(), "GET", "/v1/rooms", "").0, 503);
    assert_eq!(dev.request(dev.key(), "GET", "/v1/rooms", "").0, 200);
    assert_eq!(dev.request("wrong", "GET", "/_dev/faults", "").0, 401);
}

#[test]
fn serve_is_no_emulator() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parlor.toml");
    let config = format!(
        "listen = '127.0.0.1:0'\ndata = '{}'\n[media]\nudp_port = 0\nips = ['127.0.0.1']\n",
        folder.path().join("data").display()
    );
    std::fs::write(&file, config).unwrap();
    let server = Serve::start(file.to_str().unwrap());
    for (method, path) in
        [("POST", "/_dev/clock"), ("POST", "/_dev/reset"), ("GET", "/_dev/faults")]
    {
        let (status, body) = server.request("any", method, path, "{}");
        assert_eq!((status, body["error"].as_str()), (404, Some("not-found")), "{path}");
    }
}
