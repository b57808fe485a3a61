//! The portable subset: every statement is understood by both engines.

use postgres::types::Type;

use crate::bed::Bed;
use crate::postgres::Cluster;

#[test]
fn every_statement_is_prepared_by_sqlite() {
    let bed = Bed::sqlite();
    let file = bed.config.data_dir.join("parlor.sqlite");
    let connection = rusqlite::Connection::open(file).unwrap();
    for sql in parlor_store::statements() {
        connection.prepare(sql.text()).unwrap_or_else(|error| panic!("{}: {error}", sql.name()));
    }
}

#[test]
fn every_statement_is_prepared_by_postgresql() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let url = cluster.create_database("prepared");
    let bed = Bed::open(|config| config.url = Some(url.clone()));
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    for sql in parlor_store::statements() {
        let prepared = client.prepare(sql.text());
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error}", sql.name()));
        for column in prepared.columns() {
            // The only types that are read; a bare number would be another.
            let kinds = [Type::INT8, Type::TEXT];
            assert!(kinds.contains(column.type_()), "{}: {column:?}", sql.name());
        }
    }
    drop(bed);
}

/// SQLite numbers `$1` markers by their first appearance, whatever they say.
#[test]
fn markers_first_appear_in_order() {
    for sql in parlor_store::statements() {
        let mut highest = 0;
        for marker in sql.text().split('$').skip(1) {
            let digits = marker.find(|c: char| !c.is_ascii_digit()).unwrap_or(marker.len());
            let number: usize = marker[..digits].parse().unwrap();
            assert!(number <= highest + 1, "{}: ${number} comes too early", sql.name());
            highest = highest.max(number);
        }
    }
}
