//! `parlor user delete` and `set-password`: what they end, and what the log says.

use std::path::Path;

use parlor_model::id::{OrgId, RoomId, UserId};
use parlor_model::identity::Email;
use parlor_model::rest::rooms::Privacy;
use parlor_model::time::UnixMillis;
use parlor_store::orgs::Org;
use parlor_store::rooms::{self, NewRoom};
use parlor_store::{Connection, Store, StoreConfig, StoreError, accounts, members, orgs, users};
use serde_json::{Value, json};

use super::person::Person;
use super::process::{Dev, failure, run};

const NOW: UnixMillis = UnixMillis::new(1_900_000_000_000);

fn lines(arguments: &[&str], data: &Path) -> Vec<String> {
    let output = run(&[arguments, &["--data", data.to_str().unwrap()]].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What a chain says about people and organizations, without when.
fn noted(of: &[&str], data: &Path) -> Vec<Value> {
    let entries = lines(&[&["audit", "export"], of].concat(), data);
    let entries = entries.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = |entry: Value| {
        assert_eq!((&entry["actorId"], &entry["source"]), (&json!("operator"), &json!("cli")));
        let names = ["kind", "action", "targetType", "targetId", "statusCode", "metadata"];
        names.map(|name| entry[name].clone()).into_iter().collect()
    };
    let of_people = ["user", "organization", "organization_user"];
    entries.filter(|one| of_people.iter().any(|it| one["targetType"] == *it)).map(told).collect()
}

/// Ana's first organization, Bo in it as a member, and Bo's own with a room.
struct Stage {
    bo: UserId,
    first: OrgId,
    own: Org,
}

impl Stage {
    fn set(data: &Path) -> Self {
        lines(&["user", "create", "ana@example.org"], data);
        lines(&["user", "create", "bo@example.org"], data);
        let store = Store::open(&StoreConfig::in_folder(data)).unwrap();
        let write = |c: &mut dyn Connection| -> Result<Self, StoreError> {
            let address = Email::parse("bo@example.org").unwrap();
            let bo = users::find_by_email(c, &address)?.unwrap().id;
            let first = orgs::find_first(c)?.unwrap().id;
            let place = members::list_of_user(c, bo)?.remove(0);
            let own = orgs::find(c, place.org_id)?.unwrap();
            members::add(c, &accounts::owner(first, bo, NOW))?;
            let desk = NewRoom {
                id: RoomId::from_random([3; 16]),
                org_id: own.id,
                name: "desk".to_owned(),
                privacy: Privacy::Public,
                properties: "{}".to_owned(),
                expires_at: None,
            };
            rooms::create(c, &desk, NOW)?;
            Ok(Self { bo, first, own })
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let stage = runtime.block_on(store.write(write)).unwrap();
        store.shutdown();
        stage
    }
}

#[test]
fn call_in_the_personal_organization_of_a_deleted_account_ends() {
    let data = tempfile::tempdir().unwrap();
    let stage = Stage::set(data.path());
    let dev = Dev::start(data.path());
    let bo = Person::enter_at(&dev, &stage.own.domain, "desk");
    lines(&["user", "delete", "bo@example.org"], data.path());
    assert_eq!(bo.removed(), "room_ended");
}

#[test]
fn deleted_organization_keeps_its_chain_with_its_deletion_in_it() {
    let data = tempfile::tempdir().unwrap();
    let Stage { bo, first, own } = Stage::set(data.path());
    let (bo, own_id) = (bo.to_string(), own.id.to_string());
    lines(&["user", "delete", "bo@example.org"], data.path());

    let account = json!({"userId": bo, "email": "bo@example.org"});
    let expected = [
        json!(["intent", "delete", "organization", own_id, null, account]),
        json!(["outcome", "delete", "organization", own_id, 200, account]),
    ];
    assert_eq!(noted(&["--organization", &own_id], data.path()), expected);
    let account = json!({"email": "bo@example.org"});
    let expected = [
        json!(["intent", "delete", "organization_user", bo, null, account]),
        json!(["outcome", "delete", "organization_user", bo, 200, account]),
    ];
    assert_eq!(noted(&["--organization", &first.to_string()], data.path()), expected);
    let checked = lines(&["audit", "verify"], data.path());
    assert!(checked.iter().all(|line| line.starts_with("ok  ")), "{checked:?}");
    assert!(checked.iter().any(|line| line.contains(&own_id)), "{checked:?}");

    let folder = data.path().to_str().unwrap();
    let export = |of: &str| run(&["audit", "export", "--organization", of, "--data", folder]);
    let refused = failure(&export(&own.domain));
    assert!(refused.contains("goes by its id"), "{refused}");
    let refused = failure(&export(&OrgId::from_random([8; 16]).to_string()));
    assert!(refused.contains("parlor audit verify"), "{refused}");
}

#[test]
fn deletion_that_was_refused_stands_in_the_log_as_refused() {
    let data = tempfile::tempdir().unwrap();
    let Stage { bo, first, .. } = Stage::set(data.path());
    lines(&["user", "delete", "bo@example.org"], data.path());
    let ana = ["user", "delete", "ana@example.org", "--data", data.path().to_str().unwrap()];
    assert!(failure(&run(&ana)).contains("nobody else owns 'local'"));
    let entries = noted(&["--organization", &first.to_string()], data.path());
    let outcomes: Vec<_> = entries.iter().filter(|one| one[0] == "outcome").collect();
    assert_eq!((&outcomes[0][3], &outcomes[0][4]), (&json!(bo.to_string()), &json!(200)));
    assert_eq!(outcomes[1][4], 400, "{outcomes:?}");
}

#[test]
fn log_says_whether_a_password_left_other_ways_in() {
    let data = tempfile::tempdir().unwrap();
    lines(&["user", "create", "ana@example.org"], data.path());
    lines(&["user", "set-password", "ana@example.org"], data.path());
    lines(&["user", "set-password", "ana@example.org", "--keep-other-ways"], data.path());
    let entries = noted(&[], data.path());
    let told: Vec<_> = entries
        .iter()
        .filter(|one| one[1] == "update")
        .map(|one| (one[0].as_str().unwrap(), one[5].clone()))
        .collect();
    let removed = json!({"keepsOtherWays": false, "removedPasskeys": 0, "removedLinks": 0});
    let kept = json!({"keepsOtherWays": true});
    assert_eq!(
        told,
        [
            ("intent", json!({"keepsOtherWays": false})),
            ("outcome", removed),
            ("intent", kept.clone()),
            ("outcome", kept),
        ]
    );
}
