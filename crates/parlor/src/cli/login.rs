//! `parlor login` and `parlor logout`: a person at the command line, by the way
//! of devices without a browser (RFC 8628).

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use parlor_model::oauth::{
    DEVICE_CODE_GRANT, DeviceAuthorization, OauthClientId, OauthErrorBody, TokenAnswer, UserInfo,
};
use parlor_server::{Clock as _, SystemClock};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use super::ServerOptions;
use super::credentials::{Credentials, Login};
use super::output::Output;
use super::server::Server;

/// What the command line wants to know, and that it may go on doing so.
const SCOPE: &str = "openid profile email offline_access";

/// By how much a server that is asked too often is asked less often, in seconds
/// (RFC 8628, section 3.5).
const SLOWER: u64 = 5;

/// Options of `parlor login`.
#[derive(Args)]
pub(crate) struct LoginOptions {
    #[command(flatten)]
    server: ServerOptions,
}

/// Options of `parlor logout`.
#[derive(Args)]
pub(crate) struct LogoutOptions {
    #[command(flatten)]
    server: ServerOptions,
}

/// Signs somebody in.
pub(crate) async fn run(options: LoginOptions) -> anyhow::Result<()> {
    let server = Server::new(&options.server)?;
    let mut output = Output::new(&options.server);
    let client = OauthClientId::cli();
    let begin = [("client_id", client.as_str()), ("scope", SCOPE)];
    let codes: DeviceAuthorization = good(&server, "device", &begin).await?;
    output.line(&format!("Open {} in a browser", codes.verification_uri))?;
    output.line(&format!("and type the code {}", codes.user_code))?;
    output.flush()?;
    let tokens = wait(&server, &codes).await?;
    let info = server.user_info(&tokens.access_token).await?;
    let who = email_of(info);
    Credentials::locked()?.set(&server.address(), Some(login_of(tokens, who.clone())?))?;
    output.line(&format!("signed in at {} as {who}", server.address()))?;
    Ok(output.flush()?)
}

/// Asks until the person has decided.
async fn wait(server: &Server, codes: &DeviceAuthorization) -> anyhow::Result<TokenAnswer> {
    let client = OauthClientId::cli();
    let form = [
        ("grant_type", DEVICE_CODE_GRANT),
        ("device_code", codes.device_code.as_str()),
        ("client_id", client.as_str()),
    ];
    let mut pause = u64::try_from(codes.interval).unwrap_or(SLOWER).max(1);
    loop {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        match post(server, "token", &form).await? {
            Ok(tokens) => return Ok(tokens),
            Err(error) => match error.error.as_str() {
                "authorization_pending" => {}
                "slow_down" => pause += SLOWER,
                "access_denied" => bail!("the request was denied in the browser"),
                "expired_token" => bail!("nobody typed the code in time: `parlor login` again"),
                _ => bail!("{}", error.error_description),
            },
        }
    }
}

fn email_of(info: UserInfo) -> String {
    info.email.or(info.name).unwrap_or(info.sub)
}

fn login_of(tokens: TokenAnswer, email: String) -> anyhow::Result<Login> {
    Ok(Login {
        email,
        expires_at: SystemClock.now().as_seconds() + tokens.expires_in,
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token.context("the server gave no refresh token")?,
    })
}

/// Signs them out: on the server, and on this machine whatever that says.
pub(crate) async fn out(options: LogoutOptions) -> anyhow::Result<()> {
    let server = Server::new(&options.server)?;
    let mut output = Output::new(&options.server);
    let credentials = Credentials::locked()?;
    let Some(login) = credentials.find(&server.address())? else {
        output.line(&format!("nobody is signed in at {}", server.address()))?;
        return Ok(output.flush()?);
    };
    credentials.set(&server.address(), None)?;
    let client = OauthClientId::cli();
    let form = [("token", login.refresh_token.as_str()), ("client_id", client.as_str())];
    let (status, _) = server.post_form("revoke", &form).await?;
    if status != StatusCode::OK {
        bail!(
            "signed out on this machine; the server said no ({status}): its token ends by itself"
        );
    }
    output.line(&format!("signed out at {}", server.address()))?;
    Ok(output.flush()?)
}

/// An access token for whoever is signed in at `server`, a new one if it is
/// time. `None`: nobody is.
pub(crate) async fn access_token(server: &Server) -> anyhow::Result<Option<String>> {
    let address = server.address();
    let found = match Credentials::read_only() {
        Some(credentials) => credentials.find(&address)?,
        None => None,
    };
    let Some(login) = found else {
        return Ok(None);
    };
    if !login.is_stale(SystemClock.now().as_seconds()) {
        return Ok(Some(login.access_token));
    }
    let credentials = Credentials::locked()?;
    // Somebody else may have done it while we waited.
    let login = credentials.find(&address)?.context("somebody signed out just now")?;
    if !login.is_stale(SystemClock.now().as_seconds()) {
        return Ok(Some(login.access_token));
    }
    let client = OauthClientId::cli();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", login.refresh_token.as_str()),
        ("client_id", client.as_str()),
    ];
    match post::<TokenAnswer>(server, "token", &form).await? {
        Ok(tokens) => {
            let login = login_of(tokens, login.email)?;
            credentials.set(&address, Some(login.clone()))?;
            Ok(Some(login.access_token))
        }
        Err(error) if error.error == "invalid_grant" => {
            credentials.set(&address, None)?;
            bail!("the sign-in at {address} has ended: `parlor login` again");
        }
        Err(error) => bail!("{}", error.error_description),
    }
}

async fn good<T: DeserializeOwned>(
    server: &Server,
    name: &str,
    form: &[(&str, &str)],
) -> anyhow::Result<T> {
    match post(server, name, form).await? {
        Ok(answer) => Ok(answer),
        Err(error) => bail!("{}", error.error_description),
    }
}

async fn post<T: DeserializeOwned>(
    server: &Server,
    name: &str,
    form: &[(&str, &str)],
) -> anyhow::Result<Result<T, OauthErrorBody>> {
    let (status, body) = server.post_form(name, form).await?;
    let stranger = || {
        format!(
            "what answers at {} is no Parlor with accounts (status {status}): name the server with \
             --url or PARLOR_URL",
            server.address()
        )
    };
    if status.is_success() {
        return Ok(Ok(serde_json::from_value(body).with_context(stranger)?));
    }
    Ok(Err(serde_json::from_value(body).with_context(stranger)?))
}
