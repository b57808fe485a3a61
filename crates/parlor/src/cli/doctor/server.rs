//! The running server: whether it answers, knows the key, and has the same
//! time.

use parlor_server::{Clock as _, SystemClock};
use reqwest::header::DATE;
use serde_json::Value;

use super::Finding;
use crate::cli::ServerOptions;
use crate::cli::server::{Server, ServerError};

/// How far two clocks may be apart, in seconds. The header shows whole ones.
const LEEWAY: i64 = 5;

pub(super) async fn examine(options: &ServerOptions) -> Vec<Finding> {
    let server = match Server::new(options) {
        Ok(server) => server,
        Err(error) => {
            let fix = "correct --url or PARLOR_URL";
            return vec![Finding::problem("server", format!("{error:#}"), fix)];
        }
    };
    let response = match server.look(&["readyz"]).await {
        Ok(response) => response,
        Err(error) => return vec![unreachable(options, &error)],
    };
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
    let status = response.status();
    let body = response.bytes().await.unwrap_or_default();
    let readiness: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut findings = vec![ready(&server, status.is_success(), &readiness)];
    findings.extend(date.and_then(|date| skew(&date)));
    findings.push(key(&server).await);
    findings
}

/// A server that was named should be there; one that was not may be.
fn unreachable(options: &ServerOptions, error: &ServerError) -> Finding {
    match options.url {
        Some(_) => {
            Finding::problem("server", error.to_string(), "start it, or correct the address")
        }
        None => Finding::skipped("server", format!("none is running at {}", options.url())),
    }
}

fn ready(server: &Server, is_ready: bool, readiness: &Value) -> Finding {
    let address = server.address();
    let part = |name: &str| readiness.get(name).and_then(Value::as_str).map(str::to_owned);
    match (part("store"), part("media")) {
        (Some(_), Some(_)) if is_ready => Finding::ok("server", format!("{address} is ready")),
        (Some(store), Some(media)) => {
            let finding = format!("{address} is not ready: store: {store}; media: {media}");
            Finding::problem(
                "server",
                finding,
                "its log says more; start it again if it does not recover",
            )
        }
        _ => {
            let finding = format!("what answers at {address} is not Parlor");
            Finding::problem("server", finding, "name the server with --url or PARLOR_URL")
        }
    }
}

fn skew(date: &str) -> Option<Finding> {
    let theirs = parse_http_date(date)?;
    let ahead = theirs - SystemClock.now().as_seconds();
    if ahead.abs() <= LEEWAY {
        return Some(Finding::ok("clock skew", "the server has the same time"));
    }
    let relation = if ahead > 0 { "ahead of" } else { "behind" };
    let finding = format!("the server's clock is {} s {relation} this machine's", ahead.abs());
    let fix = "set both clocks: timedatectl set-ntp true. Until then, times you compute here (exp, nbf) are off by as much there";
    Some(Finding::problem("clock skew", finding, fix))
}

async fn key(server: &Server) -> Finding {
    if !server.has_key() {
        return Finding::skipped("api key", "none was given: --api-key or PARLOR_API_KEY");
    }
    match server.get(&[], &[]).await {
        Ok(domain) => {
            let name = domain.get("domain_name").and_then(Value::as_str).unwrap_or_default();
            Finding::ok("api key", format!("it is good, for the domain '{name}'"))
        }
        Err(error) => {
            let fix = "make one on the server's machine: parlor api-key create NAME";
            Finding::problem("api key", format!("{error:#}"), fix)
        }
    }
}

/// The date of an HTTP header (RFC 9110, section 5.6.7) in unix seconds:
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn parse_http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|one| *one == month)?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let time: Vec<i64> = words.next()?.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hour, minute, second] = time.as_slice() else { return None };
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days since the epoch (Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms"); the year begins in March here.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::{Finding, SystemClock, parse_http_date, skew};
    use crate::cli::doctor::State;
    use parlor_server::Clock as _;

    #[test]
    fn dates_of_headers_are_read() {
        assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        assert_eq!(parse_http_date("yesterday"), None);
    }

    #[test]
    fn clocks_that_differ_are_a_problem() {
        let state = |finding: Option<Finding>| finding.unwrap().state;
        assert_eq!(state(skew("Sun, 06 Nov 1994 08:49:37 GMT")), State::Problem);
        assert!(SystemClock.now().as_seconds() > 784_111_777);
    }
}
