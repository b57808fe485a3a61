//! Bodies of the identity face that are read into a type: fields it does not
//! know are ignored, and what is wrong is said in one line.

use axum::extract::{FromRequest, Request};
use parlor_model::error::ApiError;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cx::AppState;
use crate::http::error::{Refusal, json};
use crate::http::extract::JsonObject;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A body as a type.
#[derive(Clone, Debug)]
pub(crate) struct Typed<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Typed<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let JsonObject(body) = JsonObject::from_request(request, state).await?;
        let read = serde_json::from_value(Value::Object(body));
        read.map(Self).map_err(|error| Refusal::from(ApiError::wrong_body(&error.to_string())))
    }
}

/// A 201 with a JSON body.
#[derive(Clone, Debug)]
pub(crate) struct Created<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json(StatusCode::CREATED, &self.0)
    }
}

/// A 204: done, and nothing to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
