//! `/sandbox`, `/snapshots`, `/volumes`, `/docker-registry`. This server has no
//! engine for sandboxes: there are none, none can be made, and who may know is
//! told so.

use axum::extract::State;
use parlor_model::error::ApiError;
use serde_json::{Value, json};

use crate::app::quotas;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{JsonObject, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

macro_rules! resources {
    ($($path:literal $one:literal $thing:literal: $list:ident $create:ident $read:ident $delete:ident = [$($shape:tt)+] $empty:expr;)+) => {$(
        #[doc = concat!("List ", $thing, "s.")]
        #[utoipa::path(
            get, path = $path,
            responses((status = 200, description = "None", body = $($shape)+), Errors),
        )]
        pub(crate) async fn $list(_caller: Caller) -> Answer<Value> {
            Answer($empty)
        }

        #[doc = concat!("Create a ", $thing, ".")]
        #[utoipa::path(
            post, path = $path,
            request_body(content = Object),
            responses((status = 200, description = "The new one", body = Object), Errors),
        )]
        pub(crate) async fn $create(
            State(state): State<AppState>,
            caller: Caller,
            JsonObject(_body): JsonObject,
        ) -> Result<Answer<Value>, Refusal> {
            quotas::refuse_suspended(&state, caller.org())?;
            Err(ApiError::not_implemented(concat!("making a ", $thing)).into())
        }

        #[doc = concat!("Read a ", $thing, ".")]
        #[utoipa::path(
            get, path = $one,
            params(("id" = String, Path, description = "Its id or name")),
            responses((status = 200, description = "It", body = Object), Errors),
        )]
        pub(crate) async fn $read(_caller: Caller, Segment(id): Segment) -> Result<Answer<Value>, Refusal> {
            Err(ApiError::not_found($thing, &id).into())
        }

        #[doc = concat!("Delete a ", $thing, ".")]
        #[utoipa::path(
            delete, path = $one,
            params(("id" = String, Path, description = "Its id or name")),
            responses((status = 200, description = "It is gone", body = Object), Errors),
        )]
        pub(crate) async fn $delete(_caller: Caller, Segment(id): Segment) -> Result<Answer<Value>, Refusal> {
            Err(ApiError::not_found($thing, &id).into())
        }
    )+};
}

resources! {
    "/sandbox" "/sandbox/{id}" "sandbox": list_sandboxes create_sandbox read_sandbox delete_sandbox
        = [Object] json!({"items": [], "nextCursor": null});
    "/snapshots" "/snapshots/{id}" "snapshot": list_snapshots create_snapshot read_snapshot delete_snapshot
        = [Object] json!({"items": [], "total": 0, "page": 1, "totalPages": 0});
    "/volumes" "/volumes/{id}" "volume": list_volumes create_volume read_volume delete_volume
        = [Vec<Object>] json!([]);
    "/docker-registry" "/docker-registry/{id}" "registry": list_registries create_registry read_registry delete_registry
        = [Vec<Object>] json!([]);
}
