//! The operations of `docs/compatibility.md`: endpoint and state come from the
//! page of routes; the remarks are written by hand, into the page itself.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use parlor_server::{
    Credentials, IdentityRoute, Need, RouteState, identity_routes, openapi_document, routes,
};
use serde_json::Value;

const BEGIN: &str = "<!-- generated: operations -->\n";
const END: &str = "<!-- end: operations -->";
const BEGIN_IDENTITY: &str = "<!-- generated: identity operations -->\n";
const END_IDENTITY: &str = "<!-- end: identity operations -->";
const HEAD_IDENTITY: &str = "\n| Endpoint | Who may | Remarks |\n|---|---|---|\n";
const HEAD: &str = "\n| Endpoint | Now | Remarks |\n|---|---|---|\n";

/// Set `PARLOR_UPDATE_REFERENCE=1` to write the page instead of comparing it.
#[test]
fn page_lists_every_operation_with_its_state() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let made = with_section(&page, (BEGIN, END), table);
    let made = with_section(&made, (BEGIN_IDENTITY, END_IDENTITY), identity_table);
    if std::env::var_os("PARLOR_UPDATE_REFERENCE").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    assert!(
        made == page,
        "docs/compatibility.md is stale: run the tests with PARLOR_UPDATE_REFERENCE=1"
    );
}

/// The page with the part between two marks made anew of its remarks.
fn with_section(
    page: &str,
    (begin, end): (&str, &str),
    make: impl FnOnce(&HashMap<&str, &str>) -> String,
) -> String {
    let (before, rest) = page.split_once(begin).unwrap();
    let (section, after) = rest.split_once(end).unwrap();
    format!("{before}{begin}{}{end}{after}", make(&remarks(section)))
}

/// The rows of the identity face, in the order of its page of routes.
fn identity_table(remarks: &HashMap<&str, &str>) -> String {
    let mut text = HEAD_IDENTITY.to_owned();
    for route in identity_routes() {
        let endpoint = format!("{} {}", route.method, route.path);
        let remark = remarks.get(endpoint.as_str()).copied().unwrap_or_default();
        let line = format!("| `{endpoint}` | {} | {remark}", who(&route));
        writeln!(text, "{} |", line.trim_end()).unwrap();
    }
    text.push('\n');
    text
}

/// Who may ask for it.
fn who(route: &IdentityRoute) -> String {
    let holder = match route.need {
        Need::Membership => String::new(),
        Need::Holds(permission) => format!("`{permission}`"),
        Need::OneOf(first, second) => format!("`{first}` or `{second}`"),
        Need::KeyHolds(permission) => format!("keys with `{permission}`; people"),
        Need::Operator => "the operator".to_owned(),
    };
    match (route.credentials, holder.as_str()) {
        (Credentials::None, _) => "anybody".to_owned(),
        (Credentials::Any, "") => "members, keys".to_owned(),
        (Credentials::Key, "") => "keys".to_owned(),
        (Credentials::Person, "") => "people".to_owned(),
        _ => holder,
    }
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
