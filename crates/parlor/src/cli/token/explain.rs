//! `parlor token explain`: what a token says, claim by claim, and whether it
//! would open a door now.

use parlor_model::time::UnixMillis;
use serde_json::{Value, json};

use super::check::{self, Check, Outcome};
use super::jwt::Jwt;
use super::words::Claim;
use crate::cli::output::{Form, Mark, Output, Table, printable, shown};
use crate::cli::server::Server;
use crate::cli::when::{machine_now, now_of};

/// What is to be said.
struct Explanation {
    jwt: Jwt,
    claims: Vec<Claim>,
    checks: Vec<Check>,
}

/// Explains `token`; asks `server` where there is one to ask.
pub(crate) async fn run(
    server: Option<&Server>,
    output: &mut Output,
    token: &str,
    room: Option<&str>,
) -> anyhow::Result<()> {
    let jwt = Jwt::decode(token)?;
    let now = match server {
        Some(server) => now_of(server).await,
        None => machine_now(),
    };
    let mut checks = check::offline(&jwt, room, now);
    match server.filter(|server| server.has_key()) {
        Some(server) => checks.extend(check::online(server, token, &jwt, room, now).await),
        None => checks.push(nobody_asked(server.is_some())),
    }
    let explanation = Explanation { claims: claims(&jwt, now), jwt, checks };
    match output.form() {
        Form::Json => Ok(output.json(&explanation.to_json())?),
        Form::Text => explanation.print(output),
    }
}

fn claims(jwt: &Jwt, now: UnixMillis) -> Vec<Claim> {
    jwt.claims.iter().map(|(name, value)| Claim::of(name, value, now)).collect()
}

fn nobody_asked(is_for_want_of_a_key: bool) -> Check {
    let info = match is_for_want_of_a_key {
        true => {
            "signature and room were not checked: pass an API key with --api-key or PARLOR_API_KEY"
        }
        false => "signature and room were not checked, as asked",
    };
    Check { check: "server", result: Outcome::Unknown, info: info.to_owned() }
}

impl Explanation {
    /// Whether it would be refused; `None`: nobody could be asked.
    fn is_refused(&self) -> Option<bool> {
        let any = |result| self.checks.iter().any(|check| check.result == result);
        match (any(Outcome::Refused), any(Outcome::Unknown)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }

    fn to_json(&self) -> Value {
        let claims: Vec<Value> = self
            .claims
            .iter()
            .map(|claim| {
                json!({
                    "claim": claim.name,
                    "property": claim.property,
                    "value": claim.value,
                    "meaning": claim.meaning,
                })
            })
            .collect();
        json!({
            "header": self.jwt.header,
            "claims": claims,
            "checks": self.checks,
            "would_be_refused": self.is_refused(),
        })
    }

    fn print(&self, output: &mut Output) -> anyhow::Result<()> {
        let claim_row =
            |claim: &Claim| vec![claim.name.clone(), shown(&claim.value), claim.meaning.clone()];
        let rows: Vec<Vec<String>> = self.claims.iter().map(claim_row).collect();
        Table::new(&["CLAIM", "VALUE", "MEANING"]).rows(output, &rows)?;
        if !self.claims.iter().any(|claim| claim.property == Some("room_name")) {
            output.line("\nWithout a room (r) it is for every room of its domain.")?;
        }
        output.line("")?;
        for check in &self.checks {
            let (mark, word) = match check.result {
                Outcome::Ok => (Mark::Good, "ok     "),
                Outcome::Refused => (Mark::Bad, "refused"),
                Outcome::Unknown => (Mark::Warning, "unknown"),
            };
            let word = output.marked(mark, word);
            output.line(&format!("{word}  {:<10}  {}", check.check, printable(&check.info)))?;
        }
        let verdict = match self.is_refused() {
            Some(true) => "It would be refused now.",
            Some(false) => "It would be accepted now.",
            None => "Nothing speaks against it, as far as could be checked.",
        };
        output.line(&format!("\n{verdict}"))?;
        Ok(output.flush()?)
    }
}
