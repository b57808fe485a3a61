//! An authorization request, read.

use parlor_model::oauth::{OauthError, OauthErrorCode, Scopes};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::Client;

use crate::cx::Shared;
use crate::failure::Failure;
use crate::oidc::{Fault, Form, clients, redirect};

/// Where requests arrive, as a path of ours that people come back to.
const PATH: &str = "/oauth/authorize?";

/// When the person must have signed in at the earliest, in unix milliseconds:
/// what `prompt=login` and `max_age` become on the way to the sign-in page and
/// back. A client that sends it demands more, and never less.
const SIGNED_IN_AFTER: &str = "signed_in_after";

/// Longest nonce, in bytes: it is kept until the token is made.
const MAX_NONCE: usize = 512;

/// Longest state, in bytes: it comes back in an address.
const MAX_STATE: usize = 4096;

/// A request that may be answered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client: Client,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    /// The PKCE challenge.
    pub(crate) challenge: String,
    prompts: Vec<Prompt>,
    max_age: Option<i64>,
    signed_in_after: Option<UnixMillis>,
    issuer: String,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prompt {
    None,
    Login,
    Consent,
    SelectAccount,
}

/// Why a request is not answered with a code.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The person is told; nobody is redirected.
    Page(String),
    /// The client is told, at this address.
    Redirect(String),
    /// What happened to us.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Reads a request.
///
/// # Errors
/// What stops it.
pub(crate) fn read(state: &Shared, form: &Form) -> Result<Asked, Stop> {
    let (client, redirect_uri) = client_and_redirect(state, form)?;
    let issuer = state.issuer();
    let given_state = form.get("state").map(str::to_owned);
    let result = read_rest(form, client, redirect_uri.clone(), issuer.clone());
    result.map_err(|error| {
        let given_state = given_state.filter(|state| state.len() <= MAX_STATE);
        Stop::Redirect(error_location(&redirect_uri, given_state.as_deref(), &issuer, &error))
    })
}

/// The two that must be known to belong together before anybody is redirected.
fn client_and_redirect(state: &Shared, form: &Form) -> Result<(Client, String), Stop> {
    let page = |text: &str| Stop::Page(text.to_owned());
    let id = form.get("client_id").ok_or_else(|| page("The address names no client."))?;
    let client = match id.parse() {
        Ok(id) => clients::find(state, &id)?,
        Err(_) => None,
    };
    let client = client.ok_or_else(|| page("This server knows no such client."))?;
    let uri = form
        .get("redirect_uri")
        .ok_or_else(|| page("The address does not say where to go back to (redirect_uri)."))?;
    if !clients::may_redirect_to(&client, uri) {
        return Err(page(
            "The address to go back to (redirect_uri) is not registered for this client.",
        ));
    }
    Ok((client, uri.to_owned()))
}

fn read_rest(
    form: &Form,
    client: Client,
    redirect_uri: String,
    issuer: String,
) -> Result<Asked, OauthError> {
    check_kind(form)?;
    let scopes = Scopes::known_in(form.get("scope").unwrap_or_default());
    if scopes.is_empty() {
        return Err(OauthError::new(
            OauthErrorCode::InvalidScope,
            "scope must name at least one of openid, profile, email, offline_access",
        ));
    }
    Ok(Asked {
        client,
        redirect_uri,
        state: bounded(form, "state", MAX_STATE)?,
        scopes,
        nonce: bounded(form, "nonce", MAX_NONCE)?,
        challenge: challenge(form)?,
        prompts: prompts(form)?,
        max_age: number(form, "max_age")?,
        signed_in_after: number(form, SIGNED_IN_AFTER)?.map(UnixMillis::new),
        issuer,
        form: form.clone(),
    })
}

fn check_kind(form: &Form) -> Result<(), OauthError> {
    let refuse = |code, text: &str| Err(OauthError::new(code, text));
    if form.get("request").is_some() {
        return refuse(OauthErrorCode::RequestNotSupported, "request objects are not read");
    }
    if form.get("request_uri").is_some() {
        return refuse(OauthErrorCode::RequestUriNotSupported, "request objects are not fetched");
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return refuse(OauthErrorCode::InvalidRequest, "response_mode must be query");
    }
    match form.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => refuse(OauthErrorCode::UnsupportedResponseType, "response_type must be code"),
        None => refuse(OauthErrorCode::InvalidRequest, "the parameter response_type is missing"),
    }
}

/// The challenge: 43 characters of base64url, a SHA-256. `plain` would protect
/// against nobody who sees the address, and leaving the method out means that.
fn challenge(form: &Form) -> Result<String, OauthError> {
    let refuse = |text: &str| Err(OauthError::new(OauthErrorCode::InvalidRequest, text));
    let Some(challenge) = form.get("code_challenge") else {
        return refuse("PKCE is required of every client: send code_challenge");
    };
    if form.get("code_challenge_method") != Some("S256") {
        return refuse("code_challenge_method must be S256");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != 43 || !challenge.bytes().all(is_plain) {
        return refuse("code_challenge must be the base64url of a SHA-256, 43 characters");
    }
    Ok(challenge.to_owned())
}

fn prompts(form: &Form) -> Result<Vec<Prompt>, OauthError> {
    let words = form.get("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    let prompts: Option<Vec<Prompt>> = words
        .map(|word| match word {
            "none" => Some(Prompt::None),
            "login" => Some(Prompt::Login),
            "consent" => Some(Prompt::Consent),
            "select_account" => Some(Prompt::SelectAccount),
            _ => None,
        })
        .collect();
    let refuse = |text: &str| Err(OauthError::new(OauthErrorCode::InvalidRequest, text));
    match prompts {
        None => refuse("prompt must be none, login, consent or select_account"),
        Some(prompts) if prompts.len() > 1 && prompts.contains(&Prompt::None) => {
            refuse("prompt=none stands alone")
        }
        Some(prompts) => Ok(prompts),
    }
}

fn number(form: &Form, name: &str) -> Result<Option<i64>, OauthError> {
    let Some(text) = form.get(name) else {
        return Ok(None);
    };
    let number = text.parse::<u32>().map(i64::from).or_else(|_| text.parse::<i64>());
    number.ok().filter(|number| *number >= 0).map(Some).ok_or_else(|| {
        OauthError::new(
            OauthErrorCode::InvalidRequest,
            format!("{name} must be a whole number, zero or more"),
        )
    })
}

fn bounded(form: &Form, name: &str, most: usize) -> Result<Option<String>, OauthError> {
    match form.get(name) {
        Some(value) if value.len() > most => Err(OauthError::new(
            OauthErrorCode::InvalidRequest,
            format!("{name} may have {most} bytes at most"),
        )),
        value => Ok(value.map(str::to_owned)),
    }
}

impl Asked {
    /// Whether nobody may be asked anything.
    pub(super) fn is_silent(&self) -> bool {
        self.prompts.contains(&Prompt::None)
    }

    /// Whether the person is asked although they agreed before.
    pub(super) fn wants_consent(&self) -> bool {
        self.prompts.contains(&Prompt::Consent)
    }

    /// Whether the person signs in whoever they are: `max_age=0` says so, too
    /// (OpenID Connect Core, section 3.1.2.1).
    fn wants_login(&self) -> bool {
        self.prompts.contains(&Prompt::Login) || self.max_age == Some(0)
    }

    /// Whether somebody who signed in at `at` has to do so again.
    pub(super) fn is_too_long_ago(&self, at: UnixMillis, now: UnixMillis) -> bool {
        self.wants_login()
            || self.prompts.contains(&Prompt::SelectAccount)
            || self.earliest(now).is_some_and(|after| at < after)
    }

    /// When somebody who comes now must have signed in at the earliest, as far
    /// as the request says.
    fn earliest(&self, now: UnixMillis) -> Option<UnixMillis> {
        let of_age = self.max_age.map(|age| now.plus_seconds(age.saturating_neg()));
        of_age.max(self.signed_in_after)
    }

    /// Where the person comes back to from the sign-in page. What was asked
    /// about the time of their sign-in is fulfilled by one from now on, however
    /// long they take over what follows; else a small `max_age` would send them
    /// to sign in for ever.
    pub(crate) fn path_after_sign_in(&self, now: UnixMillis) -> String {
        let mut form = self.form.without(&["prompt", "max_age", SIGNED_IN_AFTER]);
        if self.wants_consent() {
            form = form.with("prompt", "consent");
        }
        let at_once = self.wants_login().then_some(now);
        // Nobody can have signed in later than now.
        if let Some(after) = self.earliest(now).max(at_once).map(|after| after.min(now)) {
            form = form.with(SIGNED_IN_AFTER, &after.as_millis().to_string());
        }
        format!("{PATH}{}", form.to_query())
    }

    /// The parameters, to be repeated with the person's decision.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        self.form.without(&["csrf", "decision"]).into_pairs()
    }

    /// Tells the client why not.
    pub(crate) fn stop(&self, code: OauthErrorCode, text: &str) -> Stop {
        let error = OauthError::new(code, text);
        let state = self.state.as_deref();
        Stop::Redirect(error_location(&self.redirect_uri, state, &self.issuer, &error))
    }

    /// The client's address with a code.
    pub(super) fn location(&self, code: &str) -> String {
        let mut pairs = vec![("code", code)];
        pairs.extend(self.state.as_deref().map(|state| ("state", state)));
        pairs.push(("iss", &self.issuer));
        redirect::with_query(&self.redirect_uri, &pairs)
    }
}

fn error_location(uri: &str, state: Option<&str>, issuer: &str, error: &OauthError) -> String {
    let mut pairs =
        vec![("error", error.code.word()), ("error_description", error.description.as_str())];
    pairs.extend(state.map(|state| ("state", state)));
    pairs.push(("iss", issuer));
    redirect::with_query(uri, &pairs)
}

/// Where an authorization request at `path` of ours may send the browser, for
/// the `form-action` of a page whose form leads there: browsers apply that to
/// redirects, too. `None` when the path is no request that would be answered.
pub(crate) fn redirect_origin(state: &Shared, path: &str) -> Option<String> {
    let form = Form::of_query(path.strip_prefix(PATH)).ok()?;
    let (_, uri) = client_and_redirect(state, &form).ok()?;
    redirect::origin_of(&uri)
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Client(error) => Self::Page(format!("The address is wrong: {error}.")),
            Fault::Failed(failure) => Self::Failed(failure),
        }
    }
}
