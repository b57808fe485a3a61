//! What a person at a real terminal sees.

use std::fs::File;
use std::io::Read as _;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::process::Dev;

/// What `arguments` print on a terminal of their own.
fn on_a_terminal(dev: &Dev, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let here = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&here).unwrap();
    unlockpt(&here).unwrap();
    let name = ptsname(&here, Vec::new()).unwrap();
    let there = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = dev.cli_command(arguments);
    let mut child = command.envs(variables.iter().copied()).stdout(there).spawn().unwrap();
    drop(command);
    let (mut text, mut bytes) = (Vec::new(), [0; 4096]);
    let mut here = File::from(here);
    // A terminal whose other side is closed reads as an error.
    while let Ok(count @ 1..) = here.read(&mut bytes) {
        text.extend_from_slice(&bytes[..count]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(text).unwrap().replace("\r\n", "\n")
}

#[test]
fn terminal_gets_a_table_and_colours_only_when_they_are_welcome() {
    let dev = Dev::start_with(|command| command);
    dev.cli_json(&["room", "create", "--name", "standup"]);
    let plain = on_a_terminal(&dev, &["room", "list"], &[("NO_COLOR", "1")]);
    let url = dev.field("url");
    assert_eq!(
        plain,
        format!("NAME     PRIVACY  EXPIRES  URL\nstandup  public   never    {url}/standup\n")
    );
    let coloured = on_a_terminal(&dev, &["room", "list"], &[("NO_COLOR", "")]);
    assert!(coloured.starts_with("\u{1b}[1mNAME"), "{coloured:?}");
    let json = on_a_terminal(&dev, &["room", "show", "standup", "--json"], &[]);
    assert!(json.starts_with("{\n  \"id\""), "{json}");
}
