//! `parlor user`: people's accounts, by who sits at the machine. The first
//! account owns the first organization; `PARLOR_ADMIN_EMAIL` makes it at the
//! start.

mod delete;
mod set_password;

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parlor_model::identity::Email;
use parlor_server::{AccountError, CallsToEnd, Clock, NewPerson, account_exists, create_account};
use parlor_store::{Store, users};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::control::{self, Order};
use crate::noted::{self, Noted, Words};
use crate::place::Place;
use crate::{banner, random};

pub(crate) use set_password::NewPassword;

/// Characters of a password that is made up here, of 32 kinds: 100 bits.
const MADE_UP_CHARS: usize = 20;

/// Most accounts that `list` shows; the oldest.
const MAX_LISTED: u32 = 1000;

/// Longest password read from standard input, in bytes. Longer ones are
/// refused anyway, and a file that was mistaken for one is not read whole.
const MAX_INPUT: u64 = 4096;

/// Options of `parlor user`.
#[derive(Args)]
pub(crate) struct UserOptions {
    #[command(subcommand)]
    order: OrderOption,
}

#[derive(Subcommand)]
enum OrderOption {
    /// Make an account; without --password-stdin its password is made up and
    /// shown, once. The first account owns the first organization
    Create {
        /// What its holder signs in with
        email: String,
        /// What others read [default: what stands before the @]
        #[arg(long)]
        name: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        place: Place,
    },
    /// List the accounts
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Give an account another password; its browsers and applications are
    /// signed out, and its passkeys and links to other providers are removed
    SetPassword {
        /// Whose
        email: String,
        /// Leave it its passkeys and links to other providers: for somebody who
        /// forgot the password of an account that was always theirs
        #[arg(long)]
        keep_other_ways: bool,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Delete an account, its personal organization and its keys; refused while
    /// nobody else owns another organization of its
    Delete {
        /// Whose
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

/// The account that a server has from its start on.
#[derive(Args)]
pub(crate) struct AdminOptions {
    /// Make an account of this address, if there is none; it owns the first
    /// organization if nobody does
    #[arg(long, env = "PARLOR_ADMIN_EMAIL", value_name = "EMAIL")]
    admin_email: Option<String>,
    /// Its password; the command line can be read by others on this machine,
    /// the environment cannot
    #[arg(
        long,
        env = "PARLOR_ADMIN_PASSWORD",
        hide_env_values = true,
        hide = true,
        value_name = "PASSWORD"
    )]
    admin_password: Option<String>,
}

/// Which passwords of the first account will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordRule {
    /// Those that everybody else may have.
    Strong,
    /// Any: this is somebody's own machine.
    Any,
}

/// An order, as it goes over the control socket. Holds a password: not to be
/// printed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub(crate) enum UserOrder {
    /// Make an account.
    CreateUser {
        /// Of this address.
        email: Email,
        /// What others read.
        name: Option<String>,
        /// Its password.
        password: String,
    },
    /// List them.
    ListUsers,
    /// Change a password, under a name that the release before does not know:
    /// its `set_password` keeps other ways in, and answers so that a password
    /// that was made up would be set and never shown.
    #[serde(rename = "hand_over")]
    SetPassword(NewPassword),
    /// Delete an account.
    DeleteUser {
        /// Of this address.
        email: Email,
    },
}

/// What came of an order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserOutcome {
    /// The account is there.
    Created,
    /// One line per account.
    Listed(Vec<String>),
    /// It has the password; what else was done is for whoever ordered it.
    PasswordSet(Vec<String>),
    /// It is gone.
    Deleted,
}

/// Carries out one command.
pub(crate) fn run(options: UserOptions) -> anyhow::Result<()> {
    let (order, place, made_up) = match options.order {
        OrderOption::Create { email, name, password_stdin, place } => {
            let (password, made_up) = password(password_stdin)?;
            (UserOrder::CreateUser { email: parse(&email)?, name, password }, place, made_up)
        }
        OrderOption::List { place } => (UserOrder::ListUsers, place, None),
        OrderOption::SetPassword { email, keep_other_ways, password_stdin, place } => {
            let (password, made_up) = password(password_stdin)?;
            let (email, keeps_other_ways) = (parse(&email)?, keep_other_ways);
            let new = NewPassword { email, password, keeps_other_ways };
            (UserOrder::SetPassword(new), place, made_up)
        }
        OrderOption::Delete { email, place } => {
            (UserOrder::DeleteUser { email: parse(&email)? }, place, None)
        }
    };
    let config = place.config()?;
    match control::carry_out(&config, Order::User(order))? {
        UserOutcome::Created => show(made_up.as_deref()),
        UserOutcome::PasswordSet(notes) => {
            show(made_up.as_deref());
            notes.iter().for_each(|note| banner::note(note));
        }
        UserOutcome::Deleted => banner::line("deleted"),
        UserOutcome::Listed(lines) => lines.iter().for_each(|line| banner::line(line)),
    }
    Ok(())
}

fn show(made_up: Option<&str>) {
    banner::line(made_up.unwrap_or("done"));
}

/// Carries out `order` on the records. What follows from it is `noted`, too,
/// and calls that nobody is left to end are put on the list.
pub(crate) async fn carry_out(
    store: &Store,
    order: UserOrder,
    clock: &dyn Clock,
    noted: &mut Noted,
    calls_to_end: &CallsToEnd,
) -> anyhow::Result<UserOutcome> {
    match order {
        UserOrder::CreateUser { email, name, password } => {
            // Who sits at the machine vouches for the address.
            let person = NewPerson {
                email,
                name,
                password: Some(Zeroizing::new(password)),
                allows_any_password: false,
                is_email_verified: true,
            };
            create_account(store, clock, person).await?;
            Ok(UserOutcome::Created)
        }
        UserOrder::ListUsers => {
            let all = store.scan(|c| users::list(c, MAX_LISTED)).await?;
            Ok(UserOutcome::Listed(all.iter().map(line).collect()))
        }
        UserOrder::SetPassword(new) => {
            let said = set_password::carry_out(store, new, clock, noted).await?;
            Ok(UserOutcome::PasswordSet(said))
        }
        UserOrder::DeleteUser { email } => {
            calls_to_end.add(delete::carry_out(store, email, clock, noted).await?);
            Ok(UserOutcome::Deleted)
        }
    }
}

impl AdminOptions {
    /// Makes the account, unless it is there. Its password stays as it is: it
    /// may have been changed since.
    pub(crate) async fn ensure(
        self,
        store: &Store,
        clock: &dyn Clock,
        rule: PasswordRule,
    ) -> anyhow::Result<()> {
        let Some(email) = self.admin_email.filter(|email| !email.is_empty()) else {
            return Ok(());
        };
        let email = parse(&email).context("PARLOR_ADMIN_EMAIL")?;
        if account_exists(store, &email).await? {
            return Ok(());
        }
        let password = self.admin_password.filter(|password| !password.is_empty());
        let password = password.map(Zeroizing::new).context(
            "PARLOR_ADMIN_EMAIL makes an account and needs PARLOR_ADMIN_PASSWORD for it",
        )?;
        let person = NewPerson {
            email,
            name: None,
            password: Some(password),
            allows_any_password: rule == PasswordRule::Any,
            is_email_verified: true,
        };
        let noted = noted::note(store, Words::first_account(person.email.as_str()), clock).await?;
        let made = create_account(store, clock, person).await;
        noted.done(store, clock, made.as_ref().err().map(ToString::to_string)).await;
        match made {
            Ok(_) | Err(AccountError::Exists(_)) => Ok(()),
            Err(error) => Err(anyhow::Error::new(error).context("PARLOR_ADMIN_EMAIL")),
        }
    }
}

fn parse(email: &str) -> anyhow::Result<Email> {
    Email::parse(email).with_context(|| format!("'{email}' is no e-mail address"))
}

/// The password to set, and, when it was made up, what is to be shown.
fn password(is_on_stdin: bool) -> anyhow::Result<(String, Option<String>)> {
    if !is_on_stdin {
        let made_up = random::word::<MADE_UP_CHARS>()?;
        return Ok((made_up.clone(), Some(made_up)));
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        // It would be seen while it is typed.
        bail!(
            "--password-stdin reads a pipe or a file: parlor user create ana@example.org \
             --password-stdin < password.txt"
        );
    }
    let mut text = Zeroizing::new(String::new());
    input.take(MAX_INPUT).read_to_string(&mut text).context("cannot read the password")?;
    let line = text.lines().next().unwrap_or_default();
    Ok((line.to_owned(), None))
}

fn line(user: &users::User) -> String {
    format!("{}  {}  {}", user.id, user.email.as_str(), user.name)
}

#[cfg(test)]
mod tests {
    use parlor_model::identity::Email;
    use serde::Deserialize;

    use super::{NewPassword, UserOrder};
    use crate::control::Order;

    /// What the release before knows of this order.
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case", tag = "order")]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    enum Before {
        SetPassword { email: Email, password: String },
    }

    #[test]
    fn running_server_of_the_release_before_sets_no_password_that_nobody_is_shown() {
        let new = NewPassword {
            email: Email::parse("ana@example.org").unwrap(),
            password: "correct horse".to_owned(),
            keeps_other_ways: false,
        };
        let line = serde_json::to_string(&Order::User(UserOrder::SetPassword(new))).unwrap();
        assert!(serde_json::from_str::<Before>(&line).is_err(), "{line}");
        let read = serde_json::from_str(&line).unwrap();
        assert!(matches!(read, Order::User(UserOrder::SetPassword(_))), "{line}");
    }
}
