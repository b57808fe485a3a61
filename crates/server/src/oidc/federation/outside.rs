//! Requests to providers: each bounded in time, size and number, to the address
//! that was named and nowhere else.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http;
use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Request, Response, redirect, retry};
use rustls::crypto::aws_lc_rs::default_provider;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::authorities;

/// How long one answer may take, headers and body. Longer waits for a slow
/// provider; shorter frees the person who waits in front of a blank page.
const LIMIT: Duration = Duration::from_secs(8);

/// How long it may take to reach the machine.
const CONNECT: Duration = Duration::from_secs(4);

/// Largest answer that is read, in bytes. Key sets of large providers have some
/// 20 KiB.
const MAX_BYTES: usize = 256 * 1024;

/// Requests under way at once, to all providers together. More lets a slow
/// provider and many visitors hold more sockets; fewer makes people try again.
const AT_ONCE: usize = 32;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(30);

/// What talks to providers. Each client is made when it is first needed: the one
/// for https looks for certificates of authorities, which a machine with a
/// provider on loopback may do without.
#[derive(Debug)]
pub(super) struct Outside {
    plain: OnceLock<reqwest::Client>,
    secure: OnceLock<reqwest::Client>,
    turns: Semaphore,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum OutsideError {
    /// An address of the provider that is not https, although its issuer is.
    #[error("the address {0} is not https")]
    Plain(String),
    /// It is larger than anything a provider has to say.
    #[error("the answer is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// It took too long.
    #[error("no whole answer came within {} seconds", LIMIT.as_secs())]
    TooSlow,
    /// Others are waiting already.
    #[error("{AT_ONCE} requests to providers are under way already")]
    Busy,
    /// The library asked for something that is no request.
    #[error("the request cannot be made")]
    Form(#[from] http::Error),
    /// Nobody's certificate can be checked.
    #[error(
        "this machine has no certificates of authorities to check https with: install them (the \
         package ca-certificates), or name a file of them in SSL_CERT_FILE"
    )]
    NoAuthorities(#[source] reqwest::Error),
    /// The network, TLS or HTTP.
    #[error("the request failed")]
    Http(#[from] reqwest::Error),
}

/// Sends the requests that the library makes for one provider.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) outside: Arc<Outside>,
    /// Whether over TLS alone: where the issuer itself is.
    pub(super) is_secure: bool,
}

impl<'c> AsyncHttpClient<'c> for Caller {
    type Error = OutsideError;
    type Future = BoxFuture<'c, Result<HttpResponse, OutsideError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.outside.send(request, self.is_secure))
    }
}

impl Default for Outside {
    fn default() -> Self {
        Self { plain: OnceLock::new(), secure: OnceLock::new(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Outside {
    /// Sends one request. With `is_secure` only over TLS.
    async fn send(
        &self,
        request: HttpRequest,
        is_secure: bool,
    ) -> Result<HttpResponse, OutsideError> {
        let is_https = request.uri().scheme_str() == Some("https");
        if is_secure && !is_https {
            return Err(OutsideError::Plain(request.uri().to_string()));
        }
        let _turn = self.turns.try_acquire().map_err(|_| OutsideError::Busy)?;
        let request = Request::try_from(request)?;
        let answered = async { read(self.http(is_https)?.execute(request).await?).await };
        timeout(LIMIT, answered).await.map_err(|_| OutsideError::TooSlow)?
    }

    fn http(&self, is_https: bool) -> Result<&reqwest::Client, OutsideError> {
        let kept = if is_https { &self.secure } else { &self.plain };
        if let Some(http) = kept.get() {
            return Ok(http);
        }
        // An error means that somebody installed one before, which is as good.
        drop(default_provider().install_default());
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE);
        let http = if is_https {
            builder.build().map_err(OutsideError::NoAuthorities)?
        } else {
            builder.tls_backend_preconfigured(authorities::none()).build()?
        };
        Ok(kept.get_or_init(|| http))
    }
}

async fn read(mut response: Response) -> Result<HttpResponse, OutsideError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(OutsideError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = http::Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        *headers = std::mem::take(response.headers_mut());
    }
    Ok(answer.body(body)?)
}
