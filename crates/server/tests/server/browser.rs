//! A browser as far as account pages need one: cookies, forms, redirects that
//! it looks at.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use parlor_model::identity::Email;
use parlor_server::{NewPerson, SystemClock, create_account};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::support::{Answer, TestServer};

/// The password of everybody in these tests.
pub(crate) const PASSWORD: &str = "correct horse & battery";

/// Makes an account.
pub(crate) async fn account(server: &TestServer, email: &str) -> parlor_model::id::UserId {
    let person = NewPerson {
        email: Email::parse(email).unwrap(),
        name: None,
        password: Some(PASSWORD.to_owned().into()),
        allows_any_password: false,
        is_email_verified: true,
    };
    create_account(&server.store, &SystemClock, person).await.unwrap().user
}

/// Cookies of one browser, and the headers that it sends besides.
pub(crate) struct Browser<'a> {
    server: &'a TestServer,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a TestServer) -> Self {
        let headers = vec![("host", "parlor.test:8080"), ("user-agent", "Firefox/143.0 (Linux)")];
        Self { server, cookies: Vec::new(), headers }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.with_headers(Request::get(path));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form as it stands.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = self.with_headers(request);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends what the script of a page sends.
    pub(crate) async fn ask(&mut self, path: &str, csrf: &str, body: &serde_json::Value) -> Answer {
        let request = Request::post(path).header("x-csrf", csrf);
        let request = self.with_headers(request);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Opens a page and sends its form, with its anti-forgery value.
    pub(crate) async fn fill(
        &mut self,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let csrf = csrf_in(&self.get(page).await.text);
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post(action, &all).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        let fields = [("email", email), ("password", password), ("continue", "/dashboard")];
        self.fill("/account/sign-in", "/account/sign-in", &fields).await
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn with_headers(
        &self,
        mut request: axum::http::request::Builder,
    ) -> axum::http::request::Builder {
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        if cookies.is_empty() { request } else { request.header(COOKIE, cookies) }
    }

    async fn send(&mut self, request: Request<Body>) -> Answer {
        let answer = self.server.send(request).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let (pair, rest) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(key, _)| key != name);
            if !rest.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }
}

/// The anti-forgery value of the first form of a page, or of the dashboard.
pub(crate) fn csrf_in(page: &str) -> String {
    let after = page
        .split_once(r#"name="csrf" value=""#)
        .or_else(|| page.split_once(r#"name="csrf" content=""#));
    after.and_then(|(_, rest)| rest.split_once('"')).unwrap().0.to_owned()
}
