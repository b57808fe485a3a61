//! The program itself, as a newcomer starts it. (That it is tested also makes
//! `cargo test` leave the program where the tests in the browser look for it.)

use std::process::Command;

#[test]
fn without_a_key_it_says_where_to_get_one() {
    let output = Command::new(env!("CARGO_BIN_EXE_word-game"))
        .env_remove("PARLOR_API_KEY")
        .output()
        .expect("the program starts");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(problem.starts_with("word-game: PARLOR_API_KEY is missing"), "{problem}");
}
