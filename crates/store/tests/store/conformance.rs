//! The suite that every engine passes. Each case gets a fresh, empty store.

use crate::bed::Bed;
use crate::postgres::Cluster;

mod api_keys;
mod audit;
mod history;
mod logs;
mod oauth;
mod orgs;
mod pages;
mod people;
mod room_list;
mod rooms;
mod sign_in;
mod transactions;
mod webhook_log;
mod webhooks;

/// A case by its name.
type Case = (&'static str, fn(Bed));

/// Lists the cases of a module, and makes a test on SQLite of each.
macro_rules! cases {
    ($($(#[$doc:meta])* fn $name:ident($bed:pat_param) $body:block)*) => {
        pub(super) const CASES: &[super::Case] = &[$((stringify!($name), $name)),*];

        $($(#[$doc])* fn $name($bed: crate::bed::Bed) $body)*

        mod sqlite {
            $(#[test] fn $name() { super::$name(crate::bed::Bed::sqlite()); })*
        }
    };
}
use cases;

#[test]
fn every_case_holds_on_postgresql() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let all = [
        api_keys::CASES,
        audit::CASES,
        history::CASES,
        logs::CASES,
        oauth::CASES,
        orgs::CASES,
        pages::CASES,
        people::CASES,
        room_list::CASES,
        rooms::CASES,
        sign_in::CASES,
        transactions::CASES,
        webhooks::CASES,
        webhook_log::CASES,
    ];
    for (name, case) in all.into_iter().flatten() {
        println!("{name}");
        let url = cluster.create_database(name);
        case(Bed::open(|config| config.url = Some(url)));
    }
}
