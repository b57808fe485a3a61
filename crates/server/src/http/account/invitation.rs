//! `/account/invitations/<secret>`: the link that somebody was given. It shows
//! who invites whom; whoever has the address that was invited joins, after
//! signing in or with a new account.

use axum::extract::{Path, Request, State};
use axum::http::header::{HeaderMap, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::identity::user::{MAX_NAME_CHARS, parse_name};
use parlor_store::accounts::NewAccount;
use parlor_store::audit::{AuditActor, AuditOrigin};
use parlor_store::invitations::{self, Invitation};
use parlor_store::orgs::{self, Org};
use parlor_store::secret_token::{TokenHash, TokenKind};
use parlor_store::users::{self, User};
use parlor_store::{Connection, StoreError, Unique};

use super::form::{Form, is_from_here};
use super::frame::AccountPage;
use super::markup::{hidden, text};
use super::sign_in::{problem_note, secret_field, whence};
use super::way_on::WayOn;
use super::{By, SEE_OTHER, answer, error_page, see_other, stale_form};
use crate::app::organizations::invitations::{self as app, Reply};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::sender;
use crate::identity::audit::{self, Entry, Intent};
use crate::identity::password;
use crate::identity::session::{self, Proof, SignedIn, Visit};

/// What is said to who wants a second account for an address.
const HAS_ACCOUNT: &str = "This address has an account. Sign in to join.";

/// An invitation that can be accepted, and what its page must know.
struct Open {
    invitation: Invitation,
    org: Org,
    /// Who invites, in words.
    by: String,
    /// Whether the address has an account.
    has_account: bool,
}

/// Who looks at it.
enum Visitor {
    /// Nobody is signed in.
    Nobody(Visit),
    /// Somebody, with their own address.
    Known(SignedIn, User),
}

/// `GET /account/invitations/{secret}`.
pub(super) async fn page(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(show(&state, &secret, &headers).await)
}

async fn show(state: &AppState, secret: &str, headers: &HeaderMap) -> Result<Response, Failure> {
    let Some(open) = find(state, secret).await? else {
        return Ok(gone(state));
    };
    let visitor = visitor(state, headers).await?;
    Ok(form(state, secret, &open, &visitor, None))
}

/// `POST /account/invitations/{secret}`.
pub(super) async fn submit(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    answer(decide(&state, &secret, request).await)
}

async fn decide(state: &AppState, secret: &str, request: Request) -> Result<Response, Failure> {
    let headers = request.headers().clone();
    let whence = whence(&headers, sender::address(state, &request));
    let origin = audit::origin(state, request.extensions(), &headers);
    let sent = Form::read(request, state).await?;
    let Some(open) = find(state, secret).await? else {
        return Ok(gone(state));
    };
    let visitor = visitor(state, &headers).await?;
    let is_given = match &visitor {
        Visitor::Nobody(visit) => visit.csrf_matches(sent.get("csrf")),
        Visitor::Known(signed_in, _) => signed_in.csrf_matches(state, sent.get("csrf")),
    };
    if !is_given || !is_from_here(&headers) {
        return Ok(form(state, secret, &open, &visitor, Some(&stale_form())));
    }
    match &visitor {
        Visitor::Known(_, user) if user.email != open.invitation.email => {
            Ok(form(state, secret, &open, &visitor, None))
        }
        Visitor::Known(_, user) => {
            let is_joining = sent.get("decision") != "decline";
            let intent = intend(state, &open, (audit::person(user), origin), is_joining).await?;
            let reply = if is_joining { Reply::Join } else { Reply::Decline };
            let answered = app::answer(state, open.invitation.id, user.id, reply).await?;
            let is_answered = answered.is_some();
            intent.done(outcome(is_answered), None).await;
            Ok(match is_answered {
                true if is_joining => see_other("/dashboard"),
                true => declined(&open),
                false => gone(state),
            })
        }
        Visitor::Nobody(_) if needs_account(state, &open) => {
            Ok(form(state, secret, &open, &visitor, None))
        }
        Visitor::Nobody(_) => match new_account(state, &open, &sent, origin).await? {
            Made::Problem(problem) => Ok(form(state, secret, &open, &visitor, Some(&problem))),
            Made::Gone => Ok(gone(state)),
            Made::Account(user, proof) => {
                let Some(cookie) = session::begin(state, user, proof, whence).await? else {
                    return Ok(see_other(&WayOn::dashboard().by_sign_in()));
                };
                let mut response = see_other("/dashboard");
                response.headers_mut().append(SET_COOKIE, cookie);
                Ok(response)
            }
        },
    }
}

async fn find(state: &AppState, secret: &str) -> Result<Option<Open>, Failure> {
    let hash = TokenHash::of(TokenKind::Invitation, secret);
    let now = state.now();
    let look = move |c: &mut dyn Connection| {
        let Some(invitation) = invitations::find_by_token(c, &hash)? else {
            return Ok(None);
        };
        let Some(org) = orgs::find(c, invitation.org_id)?.filter(|_| invitation.is_open(now))
        else {
            return Ok(None);
        };
        let inviter = match invitation.invited_by {
            Some(user) => users::find(c, user)?,
            None => None,
        };
        let by = inviter.map_or_else(|| "The operator".to_owned(), |user| user.name);
        let has_account = users::find_by_email(c, &invitation.email)?.is_some();
        Ok::<_, Failure>(Some(Open { invitation, org, by, has_account }))
    };
    state.cx.store.scan(look).await
}

async fn visitor(state: &AppState, headers: &HeaderMap) -> Result<Visitor, Failure> {
    if let Some(signed_in) = session::current(state, headers).await? {
        let id = signed_in.user;
        if let Some(user) = state.cx.store.read(|c| users::find(c, id))? {
            return Ok(Visitor::Known(signed_in, user));
        }
    }
    Ok(Visitor::Nobody(Visit::of(state, headers)?))
}

/// Whether they must have an account before they can join, and have none.
fn needs_account(state: &AppState, open: &Open) -> bool {
    !open.has_account && !app::makes_accounts(state, &open.org)
}

/// What making an account came to.
enum Made {
    Account(UserId, Proof),
    Problem(String),
    Gone,
}

/// An account for the address that was invited. Whoever holds the link was
/// given it for that address, but nobody vouched for it.
async fn new_account(
    state: &AppState,
    open: &Open,
    sent: &Form,
    origin: AuditOrigin,
) -> Result<Made, Failure> {
    if open.has_account {
        return Ok(Made::Problem(HAS_ACCOUNT.to_owned()));
    }
    let Some(name) = parse_name(sent.get("name")) else {
        return Ok(Made::Problem(format!(
            "Say what to call you, in at most {MAX_NAME_CHARS} characters without < and >."
        )));
    };
    let password = sent.get("password");
    if let Err(wrong) = password::check(password) {
        return Ok(Made::Problem(format!("Choose another password: {wrong}.")));
    }
    let hash = password::hash(password).await?;
    let proof = Proof::Password(hash.clone());
    let now = state.now();
    let id = UserId::from_random(crate::random::bytes()?);
    let org = OrgId::from_random(crate::random::bytes()?);
    let user =
        User::new(id, open.invitation.email.clone(), name, now).with_password_hash(Some(hash));
    let account = NewAccount::new(user, org, state.cx.store.master_key())?;
    let intent = intend(state, open, (invited(id, open), origin), true).await?;
    let made = app::join_with(state, open.invitation.id, account).await;
    intent.done(outcome(matches!(made, Ok(Some(_)))), None).await;
    match made {
        Ok(Some(_)) => Ok(Made::Account(id, proof)),
        Ok(None) => Ok(Made::Gone),
        Err(StoreError::Conflict(Unique::UserEmail)) => Ok(Made::Problem(HAS_ACCOUNT.to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// Writes down what is about to be answered, in the organization's log.
async fn intend(
    state: &AppState,
    open: &Open,
    by: By,
    is_joining: bool,
) -> Result<Intent, Failure> {
    let action = if is_joining { AuditAction::Accept } else { AuditAction::Decline };
    let target = (AuditTarget::OrganizationInvitation, open.invitation.id.to_string());
    let email = open.invitation.email.as_str();
    let entry = Entry::new(by, Some(open.org.id), action, target).with("email", email);
    audit::intend(state, entry).await
}

/// Whoever makes an account for the invitation.
fn invited(id: UserId, open: &Open) -> AuditActor {
    let email = open.invitation.email.as_str().to_owned();
    AuditActor { id: id.to_string(), email, ..AuditActor::default() }
}

/// How the form is answered: on to the dashboard, or by saying that it is over.
const fn outcome(is_done: bool) -> u16 {
    if is_done { SEE_OTHER } else { StatusCode::NOT_FOUND.as_u16() }
}

/// Unknown, answered and expired ones look the same: links are guessed.
fn gone(state: &AppState) -> Response {
    error_page(
        state,
        StatusCode::NOT_FOUND,
        "This invitation is over",
        "It was answered, taken back or has expired. Ask for another one.",
    )
}

fn declined(open: &Open) -> Response {
    let lead = format!("You did not join {}.", text(&open.org.name));
    AccountPage::plain("Invitation declined", lead, String::new()).answer()
}

fn form(
    state: &AppState,
    secret: &str,
    open: &Open,
    visitor: &Visitor,
    problem: Option<&str>,
) -> Response {
    let here = format!("/account/invitations/{secret}");
    let lead = format!(
        "{} invites <b>{}</b> to {} on {}.",
        text(&open.by),
        text(open.invitation.email.as_str()),
        text(&open.org.name),
        text(state.origin().host()),
    );
    let note = problem.map(problem_note).unwrap_or_default();
    let is_refused =
        problem.is_some() || matches!(visitor, Visitor::Nobody(_)) && needs_account(state, open);
    let (body, cookie): (String, Option<HeaderValue>) = match visitor {
        Visitor::Known(signed_in, user) if user.email == open.invitation.email => {
            (join_form(signed_in), None)
        }
        Visitor::Known(signed_in, user) => (other_account(signed_in, user), None),
        Visitor::Nobody(_) if open.has_account => (sign_in_way(&here), None),
        Visitor::Nobody(_) if needs_account(state, open) => (no_account(&here), None),
        Visitor::Nobody(visit) => (account_form(visit, open), visit.set_cookie.clone()),
    };
    let title = format!("Join {}", open.org.name);
    let mut page = AccountPage::door(&title, lead, format!("{note}{body}"));
    if is_refused {
        page.status = StatusCode::FORBIDDEN;
    }
    page.set_cookie = cookie;
    page.answer()
}

fn join_form(signed_in: &SignedIn) -> String {
    format!(
        r#"<form method="post">{}
<button class="btn filled l wide" type="submit" name="decision" value="join">Join</button>
<button class="btn l wide" type="submit" name="decision" value="decline">Decline</button></form>"#,
        hidden("csrf", signed_in.csrf())
    )
}

fn other_account(signed_in: &SignedIn, user: &User) -> String {
    format!(
        r#"<p class="note warn">You are signed in as {}. Sign out, then open the link of the invitation again.</p>
<form method="post" action="/account/sign-out">{}<button class="btn l wide" type="submit">Sign out</button></form>"#,
        text(user.email.as_str()),
        hidden("csrf", signed_in.csrf())
    )
}

fn sign_in_way(here: &str) -> String {
    let way = WayOn::of(Some(here)).by_sign_in();
    format!(
        r#"<div class="ways"><a class="btn filled l wide" href="{}">Sign in to join</a></div>"#,
        text(&way)
    )
}

fn no_account(here: &str) -> String {
    let way = WayOn::of(Some(here)).by_sign_in();
    format!(
        r#"<p class="note warn">This address has no account here, and an invitation into somebody's personal organization makes none. Ask whoever runs this server for an account, then open this link again; or ask an owner of a shared organization to invite you there.</p>
<div class="ways"><a class="btn l wide" href="{}">Go to sign-in</a></div>"#,
        text(&way)
    )
}

fn account_form(visit: &Visit, open: &Open) -> String {
    format!(
        r#"<form method="post">{csrf}
<div><label class="label" for="email">Email</label>
<input class="input" id="email" type="email" autocomplete="username" readonly value="{email}"></div>
<div><label class="label" for="name">Your name</label>
<input class="input" id="name" name="name" autocomplete="name" required maxlength="{MAX_NAME_CHARS}" autofocus></div>
<div><label class="label" for="password">Choose a password</label>
{password}
<p class="hint" id="password-hint">At least {min} characters.</p></div>
<button class="btn filled l wide" type="submit">Make an account and join</button>
</form>"#,
        csrf = hidden("csrf", visit.csrf()),
        email = text(open.invitation.email.as_str()),
        password = secret_field(
            r#"id="password" name="password" autocomplete="new-password" required aria-describedby="password-hint""#
        ),
        min = password::MIN_CHARS,
    )
}
