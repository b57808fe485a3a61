//! The operations of `docs/compatibility.md`: endpoint and state come from the
//! page of routes; the remarks are written by hand, into the page itself.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use parlor_server::{RouteState, openapi_document, routes};
use serde_json::Value;

const BEGIN: &str = "<!-- generated: operations -->\n";
const END: &str = "<!-- end: operations -->";
const HEAD: &str = "\n| Endpoint | Now | Remarks |\n|---|---|---|\n";

/// Set `PARLOR_UPDATE_REFERENCE=1` to write the page instead of comparing it.
#[test]
fn page_lists_every_operation_with_its_state() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (section, after) = rest.split_once(END).unwrap();
    let made = format!("{before}{BEGIN}{}{END}{after}", table(&remarks(section)));
    if std::env::var_os("PARLOR_UPDATE_REFERENCE").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    assert!(
        made == page,
        "docs/compatibility.md is stale: run the tests with PARLOR_UPDATE_REFERENCE=1"
    );
}

/// What people wrote into the last column, by endpoint.
fn remarks(section: &str) -> HashMap<&str, &str> {
    section
        .lines()
        .filter_map(|line| {
            let (endpoint, rest) = line.strip_prefix("| `")?.split_once("` |")?;
            let (_, remark) = rest.strip_suffix('|')?.split_once('|')?;
            Some((endpoint, remark.trim()))
        })
        .collect()
}

/// The rows, by the document's subjects.
fn table(remarks: &HashMap<&str, &str>) -> String {
    let document = openapi_document().unwrap();
    let tags: Vec<&Value> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut rows: Vec<(usize, String, String)> = Vec::new();
    for route in routes() {
        let method = route.method.as_str();
        let operation = &document["paths"][route.path][method.to_lowercase()];
        let place = tags.iter().position(|tag| **tag == operation["tags"][0]).unwrap();
        rows.push((place, format!("{method} {}", route.path), now(route.state)));
    }
    rows.sort_by_key(|(place, ..)| *place);
    let mut text = HEAD.to_owned();
    for (_, endpoint, now) in rows {
        let remark = remarks.get(endpoint.as_str()).copied().unwrap_or_default();
        let line = format!("| `{endpoint}` | {now} | {remark}");
        writeln!(text, "{} |", line.trim_end()).unwrap();
    }
    text.push('\n');
    text
}

fn now(state: RouteState) -> String {
    match state {
        RouteState::Works => "works".to_owned(),
        RouteState::NoEngine(lack) => format!("checked, then 501: {lack}"),
        RouteState::NothingRuns(lack) => {
            format!("checked; nothing can be running: 400 ({lack})")
        }
    }
}
