//! `parlor audit`: checking and exporting the audit log, by who sits at the
//! machine. A log that is read through the API is joined and filtered; here are
//! the bare entries, with what binds them together.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parlor_model::id::OrgId;
use parlor_store::{Store, StoreError, audit, orgs};
use serde::{Deserialize, Serialize};

use crate::banner;
use crate::control::{self, Order};
use crate::place::Place;

/// Entries that are asked for at once. With what clients may put into them a
/// page stays far below what a control socket's line may have.
const PAGE: u32 = 200;

/// Options of `parlor audit`.
#[derive(Args)]
pub(crate) struct AuditOptions {
    #[command(subcommand)]
    order: OrderOption,
}

#[derive(Subcommand)]
enum OrderOption {
    /// Check that nobody changed or removed an entry; prints each chain's head
    Verify {
        /// A head that an earlier check printed, to be found again
        #[arg(long, value_name = "CHAIN:SEQ:MAC")]
        expect: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Print every entry, one line of JSON each
    Export {
        /// The organization, by its domain or its id; one that was deleted by
        /// its id, as `verify` prints it. Without it, what belongs to none
        #[arg(long, visible_alias = "domain", value_name = "DOMAIN|ID")]
        organization: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// An order, as it goes over the control socket.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub(crate) enum AuditOrder {
    /// Check every chain.
    VerifyAudit {
        /// Heads to be found again.
        expect: Vec<Head>,
    },
    /// Some entries of a chain.
    ExportAudit {
        /// Of the organization with this domain or id; `None`: of what belongs
        /// to none. A server of the release before knows it by this name, and
        /// without it would take it for `None`.
        #[serde(rename = "domain")]
        organization: Option<String>,
        /// After the entry of this number.
        after: i64,
    },
}

/// What came of an order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuditOutcome {
    /// One line per chain, and whether all of them hold.
    Verified {
        /// What was seen, or what is wrong.
        lines: Vec<String>,
        /// Whether every chain holds.
        holds: bool,
    },
    /// Entries, and the number of the last one; none: there are no more.
    Exported {
        /// One line of JSON each.
        lines: Vec<String>,
        /// Where to go on.
        last: Option<i64>,
    },
}

/// The newest entry of a chain, as a check printed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    chain: String,
    seq: i64,
    mac: String,
}

impl Head {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.splitn(3, ':');
        let (chain, seq, mac) = (parts.next(), parts.next(), parts.next());
        let seq = seq.and_then(|seq| seq.parse().ok());
        let (Some(chain), Some(seq), Some(mac)) = (chain, seq, mac) else {
            bail!("--expect was '{text}' but should be a head that `parlor audit verify` printed");
        };
        Ok(Self { chain: chain.to_owned(), seq, mac: mac.to_owned() })
    }
}

/// Carries out one command.
pub(crate) fn run(options: AuditOptions) -> anyhow::Result<()> {
    match options.order {
        OrderOption::Verify { expect, place } => {
            let expect = expect.iter().map(|text| Head::parse(text)).collect::<Result<_, _>>()?;
            let order = Order::Audit(AuditOrder::VerifyAudit { expect });
            let AuditOutcome::Verified { lines, holds } =
                control::carry_out(&place.config()?, order)?
            else {
                bail!("the running server gave an answer of the wrong kind");
            };
            lines.iter().for_each(|line| banner::line(line));
            if !holds {
                bail!("the audit log does not hold: somebody changed the database");
            }
            Ok(())
        }
        OrderOption::Export { organization, place } => export(organization.as_deref(), place),
    }
}

fn export(organization: Option<&str>, place: Place) -> anyhow::Result<()> {
    let config = place.config()?;
    let mut after = 0;
    loop {
        let organization = organization.map(str::to_owned);
        let order = Order::Audit(AuditOrder::ExportAudit { organization, after });
        let AuditOutcome::Exported { lines, last } = control::carry_out(&config, order)? else {
            bail!("the running server gave an answer of the wrong kind");
        };
        lines.iter().for_each(|line| banner::line(line));
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Carries out `order` on the records.
pub(crate) async fn carry_out(store: &Store, order: AuditOrder) -> anyhow::Result<AuditOutcome> {
    match order {
        AuditOrder::VerifyAudit { expect } => verify(store, &expect).await,
        AuditOrder::ExportAudit { organization, after } => {
            let org = chain_of(store, organization).await?;
            let entries = store.scan(move |c| audit::walk(c, org, after, PAGE)).await?;
            let last = entries.last().map(|entry| entry.seq);
            let lines = entries.into_iter().map(|entry| entry.line).collect();
            Ok(AuditOutcome::Exported { lines, last })
        }
    }
}

async fn verify(store: &Store, expect: &[Head]) -> anyhow::Result<AuditOutcome> {
    let mut lines = Vec::new();
    let mut holds = true;
    let chains = store.scan(audit::chains).await?;
    for org in &chains {
        let (name, org) = (chain_name(*org), *org);
        let seen = expect.iter().find(|head| head.chain == name).cloned();
        let key = store.audit_key().clone();
        let checked = store.scan(move |c| {
            let seen = seen.as_ref().map(|head| (head.seq, head.mac.as_str()));
            audit::verify(c, &key, org, seen)
        });
        match checked.await? {
            Ok(seen) => {
                lines.push(format!(
                    "ok  {name}:{}:{}  {} entries",
                    seen.head, seen.head_mac, seen.entries
                ));
            }
            Err(fault) => {
                holds = false;
                lines.push(format!("BROKEN  {name}: {fault}"));
            }
        }
    }
    for head in expect {
        if !chains.iter().any(|org| chain_name(*org) == head.chain) {
            holds = false;
            lines.push(format!("BROKEN  {}: the whole chain is gone", head.chain));
        }
    }
    Ok(AuditOutcome::Verified { lines, holds })
}

/// How a chain is called; organizations by their ids, which never change.
fn chain_name(org: Option<OrgId>) -> String {
    org.map_or_else(|| "server".to_owned(), |org| org.to_string())
}

/// The chain of the organization with that domain or id. An id is looked up
/// among the chains: an organization that was deleted has one still, and its
/// domain no more.
async fn chain_of(store: &Store, named: Option<String>) -> anyhow::Result<Option<OrgId>> {
    let Some(named) = named else {
        return Ok(None);
    };
    if let Ok(id) = named.parse::<OrgId>() {
        let is_known = store.scan(move |c| -> Result<_, StoreError> {
            Ok(audit::chains(c)?.contains(&Some(id)) || orgs::find(c, id)?.is_some())
        });
        return match is_known.await? {
            true => Ok(Some(id)),
            false => bail!(
                "the audit log has nothing of an organization '{named}'; `parlor audit verify` \
                 lists those it knows"
            ),
        };
    }
    let name = named.clone();
    let org = store.scan(move |c| orgs::find_by_domain(c, &name)).await?;
    let org = org.with_context(|| {
        format!(
            "there is no organization '{named}'; one that was deleted goes by its id alone, as \
             `parlor audit verify` prints it"
        )
    })?;
    Ok(Some(org.id))
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn a_head_is_read_as_it_was_printed() {
        let head = Head::parse("server:12:x-_9").unwrap();
        assert_eq!((head.chain.as_str(), head.seq, head.mac.as_str()), ("server", 12, "x-_9"));
        for text in ["", "server", "server:x:y", "server:1"] {
            assert!(Head::parse(text).is_err(), "{text}");
        }
    }
}
