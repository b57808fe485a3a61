//! Telephone numbers, and dial-in. This release has no vendor of numbers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use parlor_model::rest::list::{AvailableNumberList, DialinConfigList, PurchasedNumberList};
use parlor_model::rest::phone_numbers::{
    BoughtNumber, BuyNumberBody, CreateDialinBody, DialinConfig, InvalidNumber, NumberSearch,
    StatusOk, UpdateDialinBody,
};

use crate::app::telephony;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal, json};
use crate::http::extract::{JsonObject, QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// Search for numbers to buy. There is no vendor, so none is ever found.
#[utoipa::path(
    get, path = "/list-available-numbers", tag = "telephony",
    params(
        ("areacode" = Option<String>, Query, description = "Three digits; not with `region`"),
        ("region" = Option<String>, Query, description = "A region"),
        ("city" = Option<String>, Query, description = "A city of that region"),
        ("contains" = Option<String>, Query, description = "3 to 7 digits in the number"),
        ("starts_with" = Option<String>, Query, description = "3 to 7 digits at its beginning"),
        ("ends_with" = Option<String>, Query, description = "3 to 7 digits at its end"),
    ),
    responses((status = 200, description = "What was found", body = AvailableNumberList), Errors),
)]
pub(crate) async fn list_available_numbers(
    _caller: Caller,
    query: QueryPairs,
) -> Result<Answer<AvailableNumberList>, Refusal> {
    let search = NumberSearch {
        areacode: query.given("areacode"),
        region: query.given("region"),
        city: query.given("city"),
        contains: query.given("contains"),
        starts_with: query.given("starts_with"),
        ends_with: query.given("ends_with"),
    };
    search.check()?;
    Ok(Answer(AvailableNumberList::default()))
}

/// Buy a number.
#[utoipa::path(
    post, path = "/buy-phone-number", tag = "telephony",
    request_body(content = BuyNumberBody),
    responses(
        (status = 200, description = "The number", body = BoughtNumber),
        (status = 422, description = "That is no number", body = InvalidNumber),
        Errors,
    ),
)]
pub(crate) async fn buy_phone_number(
    _caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    match InvalidNumber::in_purchase(&body) {
        Some(invalid) => Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &invalid)),
        None => Err(telephony::refuse_purchase(&body).into()),
    }
}

/// Give a number back.
#[utoipa::path(
    delete, path = "/release-phone-number/{id}", tag = "telephony",
    params(("id" = String, Path, description = "The number's id")),
    responses((status = 200, description = "It is gone", body = StatusOk), Errors),
)]
pub(crate) async fn release_phone_number(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<StatusOk>, Refusal> {
    Err(telephony::missing_number(&id).into())
}

/// List the numbers that were bought.
#[utoipa::path(
    get, path = "/purchased-phone-numbers", tag = "telephony",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 50, description = "Most numbers in the page, 1 to 50; 50 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "`pagination_id`: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "`pagination_id`: the page ends just before it; `OLDEST` for the last page"),
        ("filter_name" = Option<String>, Query, description = "Only those of this name"),
        ("filter_number" = Option<String>, Query, description = "Only this number"),
    ),
    responses((status = 200, description = "One page", body = PurchasedNumberList), Errors),
)]
pub(crate) async fn list_purchased_numbers(
    _caller: Caller,
    query: QueryPairs,
) -> Result<Answer<PurchasedNumberList>, Refusal> {
    query.page().of_nothing()?;
    Ok(Answer(PurchasedNumberList::default()))
}

/// List what happens when the domain's numbers are called.
#[utoipa::path(
    get, path = "/domain-dialin-config", tag = "telephony",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Most configurations in the page, 1 to 100; 100 when absent, and for anything above"),
        ("starting_after" = Option<String>, Query, description = "Id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Id: the page ends just before it; `OLDEST` for the last page"),
        ("type" = Option<String>, Query, description = "Only `pin_dialin` or only `pinless_dialin`"),
        ("phone_number" = Option<String>, Query, description = "Only that of this number"),
        ("phone_numbers" = Option<String>, Query, description = "Only those of these numbers"),
        ("sip_username" = Option<String>, Query, description = "Only that of this SIP user"),
        ("name_prefix" = Option<String>, Query, description = "Only those of this prefix"),
    ),
    responses((status = 200, description = "One page", body = DialinConfigList), Errors),
)]
pub(crate) async fn list_dialin_configs(
    _caller: Caller,
    query: QueryPairs,
) -> Result<Answer<DialinConfigList>, Refusal> {
    telephony::check_dialin_type(query.given("type"))?;
    query.page().of_nothing()?;
    Ok(Answer(DialinConfigList::default()))
}

/// Say what happens when a number is called.
#[utoipa::path(
    post, path = "/domain-dialin-config", tag = "telephony",
    request_body(content = CreateDialinBody),
    responses((status = 200, description = "The configuration", body = DialinConfig), Errors),
)]
pub(crate) async fn create_dialin_config(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> Result<Answer<DialinConfig>, Refusal> {
    match telephony::refuse_dialin(&state, caller.org(), &body)? {}
}

/// Read what happens when a number is called.
#[utoipa::path(
    get, path = "/domain-dialin-config/{id}", tag = "telephony",
    params(("id" = String, Path, description = "The configuration's id")),
    responses((status = 200, description = "The configuration", body = DialinConfig), Errors),
)]
pub(crate) async fn read_dialin_config(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<DialinConfig>, Refusal> {
    Err(telephony::missing_dialin(&id).into())
}

/// Change what happens when a number is called.
#[utoipa::path(
    put, path = "/domain-dialin-config/{id}", tag = "telephony",
    params(("id" = String, Path, description = "The configuration's id")),
    request_body(content = UpdateDialinBody),
    responses((status = 200, description = "The configuration", body = DialinConfig), Errors),
)]
pub(crate) async fn update_dialin_config(
    _caller: Caller,
    Segment(id): Segment,
    JsonObject(body): JsonObject,
) -> Result<Answer<DialinConfig>, Refusal> {
    Err(telephony::refuse_dialin_update(&id, &body).into())
}

/// Forget what happens when a number is called.
#[utoipa::path(
    delete, path = "/domain-dialin-config/{id}", tag = "telephony",
    params(("id" = String, Path, description = "The configuration's id")),
    responses((status = 200, description = "It is gone", body = StatusOk), Errors),
)]
pub(crate) async fn delete_dialin_config(
    _caller: Caller,
    Segment(id): Segment,
) -> Result<Answer<StatusOk>, Refusal> {
    Err(telephony::missing_dialin(&id).into())
}
