//! The OpenAPI document of the provider, at `/oauth/openapi.json`: one row per
//! operation, with what its form or query may hold.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use parlor_model::oauth::{
    DeviceAuthorization, OauthErrorBody, ProviderMetadata, TokenAnswer, UserInfo,
};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::client_auth::FORM;
use crate::http::error::JSON;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor: OpenID provider",
        description = "Signing people in to applications: OAuth 2.0 with OpenID Connect. Codes need \
            PKCE with S256; tokens are JSON Web Tokens, and access tokens are accepted by the REST \
            faces as bearer credentials.",
    ),
    components(schemas(
        ProviderMetadata,
        TokenAnswer,
        UserInfo,
        DeviceAuthorization,
        OauthErrorBody
    ))
)]
struct Document;

/// A parameter: its name, whether it must be there, and what it is.
type Parameter = (&'static str, bool, &'static str);

/// What comes back.
enum Answer {
    /// JSON of this schema.
    Json(&'static str),
    /// The set of public keys.
    Keys,
    /// A page for people, or a redirect.
    Page,
    /// Nothing.
    Empty,
}

/// How a client says who it is.
enum Proof {
    /// It need not.
    None,
    /// By its id, and its secret if it has one.
    Client,
    /// By an access token.
    Token,
}

struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    proof: Proof,
    answer: Answer,
}

const CLIENT_ID: Parameter = ("client_id", false, "The client, unless the header names it.");
const CLIENT_SECRET: Parameter =
    ("client_secret", false, "Its secret, if it has one and does not prove itself in the header.");

const AUTHORIZE: &[Parameter] = &[
    ("response_type", true, "`code`."),
    ("client_id", true, "The client."),
    (
        "redirect_uri",
        true,
        "Where the answer goes: one that is registered, character for character; on loopback any port will do.",
    ),
    ("scope", true, "`openid`, `profile`, `email`, `offline_access`, with spaces between."),
    ("code_challenge", true, "Base64url of the SHA-256 of the verifier (RFC 7636)."),
    ("code_challenge_method", true, "`S256`."),
    ("state", false, "Comes back as it is."),
    ("nonce", false, "Stands in the ID token."),
    ("prompt", false, "`none`, or `login` and `consent`."),
    ("max_age", false, "How long ago, in seconds, the person may have signed in."),
];

const TOKEN: &[Parameter] = &[
    (
        "grant_type",
        true,
        "`authorization_code`, `refresh_token` or `urn:ietf:params:oauth:grant-type:device_code`.",
    ),
    CLIENT_ID,
    CLIENT_SECRET,
    ("code", false, "With `authorization_code`: good for a minute, once."),
    ("redirect_uri", false, "With `authorization_code`: as it was asked with."),
    ("code_verifier", false, "With `authorization_code`: 43 to 128 characters."),
    ("refresh_token", false, "With `refresh_token`: good once; a second use ends the sign-in."),
    ("scope", false, "With `refresh_token`: fewer scopes than were granted."),
    ("device_code", false, "With the device grant."),
];

const OPERATIONS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/.well-known/openid-configuration",
        id: "read_openid_configuration",
        summary: "Say where everything is",
        parameters: &[],
        proof: Proof::None,
        answer: Answer::Json("ProviderMetadata"),
    },
    Operation {
        method: "get",
        path: "/.well-known/jwks.json",
        id: "read_signing_keys",
        summary: "List the public keys of signatures",
        parameters: &[],
        proof: Proof::None,
        answer: Answer::Keys,
    },
    Operation {
        method: "get",
        path: "/oauth/authorize",
        id: "authorize",
        summary: "Send a person to sign in",
        parameters: AUTHORIZE,
        proof: Proof::None,
        answer: Answer::Page,
    },
    Operation {
        method: "post",
        path: "/oauth/authorize",
        id: "authorize_by_form",
        summary: "Send a person to sign in, with a form",
        parameters: AUTHORIZE,
        proof: Proof::None,
        answer: Answer::Page,
    },
    Operation {
        method: "post",
        path: "/oauth/token",
        id: "create_token",
        summary: "Exchange a code, a refresh token or a device code for tokens",
        parameters: TOKEN,
        proof: Proof::Client,
        answer: Answer::Json("TokenAnswer"),
    },
    Operation {
        method: "get",
        path: "/oauth/userinfo",
        id: "read_user_info",
        summary: "Say whom an access token speaks for",
        parameters: &[],
        proof: Proof::Token,
        answer: Answer::Json("UserInfo"),
    },
    Operation {
        method: "post",
        path: "/oauth/userinfo",
        id: "read_user_info_by_post",
        summary: "Say whom an access token speaks for, to a client that posts",
        parameters: &[],
        proof: Proof::Token,
        answer: Answer::Json("UserInfo"),
    },
    Operation {
        method: "post",
        path: "/oauth/revoke",
        id: "revoke_token",
        summary: "Give a token back, and with it all of its sign-in",
        parameters: &[
            ("token", true, "The token."),
            ("token_type_hint", false, "Not needed."),
            CLIENT_ID,
            CLIENT_SECRET,
        ],
        proof: Proof::Client,
        answer: Answer::Empty,
    },
    Operation {
        method: "post",
        path: "/oauth/device",
        id: "begin_device",
        summary: "Begin to sign in on a device without a browser",
        parameters: &[("scope", false, "As above; `openid` by default."), CLIENT_ID, CLIENT_SECRET],
        proof: Proof::Client,
        answer: Answer::Json("DeviceAuthorization"),
    },
    Operation {
        method: "get",
        path: "/oauth/logout",
        id: "log_out",
        summary: "Send a person to sign out",
        parameters: LOGOUT,
        proof: Proof::None,
        answer: Answer::Page,
    },
    Operation {
        method: "post",
        path: "/oauth/logout",
        id: "log_out_by_form",
        summary: "Send a person to sign out, with a form",
        parameters: LOGOUT,
        proof: Proof::None,
        answer: Answer::Page,
    },
];

const LOGOUT: &[Parameter] = &[
    ("id_token_hint", false, "Of the person: without one of theirs they are asked."),
    ("post_logout_redirect_uri", false, "Where they go then: one that is registered."),
    ("client_id", false, "The client, where the ID token does not name it."),
    ("state", false, "Comes back as it is."),
];

/// The document of the provider.
///
/// # Errors
/// When it cannot be made JSON, which is a defect.
pub fn oauth_document() -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(Document::openapi())?;
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described(operation);
    }
    document["paths"] = paths.into();
    document["components"]["securitySchemes"] = json!({
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "The client's id and secret. A public client sends `client_id` alone.",
        },
        "token": {"type": "http", "scheme": "bearer", "description": "An access token."},
    });
    Ok(document)
}

fn described(operation: &Operation) -> Value {
    let mut entry = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [if operation.path.starts_with("/oauth") { "oauth" } else { "discovery" }],
        "security": security(&operation.proof),
        "responses": responses(operation),
    });
    if operation.parameters.is_empty() {
        return entry;
    }
    match operation.method {
        "get" => entry["parameters"] = operation.parameters.iter().map(in_query).collect(),
        _ => entry["requestBody"] = body(operation.parameters),
    }
    entry
}

fn security(proof: &Proof) -> Value {
    match proof {
        Proof::None => json!([]),
        Proof::Client => json!([{"client": []}, {}]),
        Proof::Token => json!([{"token": []}]),
    }
}

fn in_query((name, required, description): &Parameter) -> Value {
    json!({
        "name": name, "in": "query", "required": required, "description": description,
        "schema": {"type": "string"},
    })
}

fn body(parameters: &[Parameter]) -> Value {
    let property = |(name, _, description): &Parameter| {
        ((*name).to_owned(), json!({"type": "string", "description": description}))
    };
    let required = parameters.iter().filter(|(_, required, _)| *required);
    let required: Vec<_> = required.map(|(name, _, _)| *name).collect();
    let properties: Map<String, Value> = parameters.iter().map(property).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    json!({"required": true, "content": {FORM: {"schema": schema}}})
}

fn responses(operation: &Operation) -> Value {
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let json_of = |description: &str, schema: Value| json!({"description": description, "content": {"application/json": {"schema": schema}}});
    let error = |description: &str| json_of(description, schema("OauthErrorBody"));
    let mut answers = match operation.answer {
        Answer::Json(name) => json!({"200": json_of("The answer", schema(name))}),
        Answer::Keys => {
            let keys = json!({
                "type": "object",
                "required": ["keys"],
                "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
            });
            json!({"200": json_of("A JSON Web Key Set, with keys that will sign later", keys)})
        }
        Answer::Empty => json!({"200": {"description": "Done, or there was nothing to do"}}),
        Answer::Page => json!({
            "200": {"description": "A page that asks", "content": {"text/html": {}}},
            "303": {"description": "To the sign-in page, or back to the client"},
            "400": {"description": "A page that says why nobody is sent back", "content": {"text/html": {}}},
            "403": {"description": "A form that is not ours", "content": {"text/html": {}}},
        }),
    };
    let further: &[(&str, &str)] = match operation.proof {
        Proof::None if operation.parameters.is_empty() => &[],
        Proof::None => &[("429", "Too many requests")],
        Proof::Client => &[
            ("400", "What is wrong with the request"),
            ("401", "The client is unknown, or its secret is wrong"),
            ("413", "The form is too large"),
            ("429", "Too many requests"),
        ],
        Proof::Token => &[("401", "The token is not good"), ("429", "Too many requests")],
    };
    for (status, description) in further {
        answers[status] = error(description);
    }
    answers
}

/// The document as text. It never changes while the server runs.
static TEXT: LazyLock<Result<String, serde_json::Error>> =
    LazyLock::new(|| serde_json::to_string_pretty(&oauth_document()?));

/// `GET /oauth/openapi.json`.
pub(super) async fn read_openapi() -> Response {
    match TEXT.as_deref() {
        Ok(text) => ([(CONTENT_TYPE, JSON)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the description of the provider could not be serialised");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::oauth::DEVICE_CODE_GRANT;

    use super::{ProviderMetadata, TOKEN, oauth_document};

    #[test]
    fn document_has_every_address_that_the_metadata_name() {
        let document = oauth_document().unwrap();
        let metadata = serde_json::to_value(ProviderMetadata::of("https://x")).unwrap();
        for (name, value) in metadata.as_object().unwrap() {
            let Some(path) = value.as_str().and_then(|text| text.strip_prefix("https://x/")) else {
                continue;
            };
            assert!(document["paths"][format!("/{path}")].is_object(), "{name}");
        }
        assert!(TOKEN[0].2.contains(DEVICE_CODE_GRANT));
    }
}
