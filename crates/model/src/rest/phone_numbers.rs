//! Telephone numbers, and what happens when one is called.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::schema::{Field, Rule, Schema, described_bodies};

const MESSAGE: Rule =
    Rule::Object(&Schema::of(&[Field::new("message", Rule::ANY_TEXT, "What is said")]));

/// A schema of the options of a dial-in configuration, and more.
macro_rules! with_options {
    ($($field:expr),* $(,)?) => {
        Schema::of(&[
            $($field,)*
            Field::new("phone_number", Rule::TEXT, "One of the domain's numbers"),
            Field::new("name_prefix", Rule::ANY_TEXT, "What rooms are called"),
            Field::new("hmac", Rule::Base64, "Signs what is sent to `room_creation_api`"),
            Field::new("room_creation_api", Rule::Address, "Who makes the rooms of pinless calls"),
            Field::new("hold_music_url", Rule::Address, "What callers hear while they wait"),
            Field::new("timeout_config", MESSAGE, "What callers hear when it takes too long"),
            Field::new("ivr_greeting", MESSAGE, "What callers hear first"),
        ])
    };
}

static CREATE: Schema = with_options!(Field::required(
    "type",
    Rule::OneOf(&["pin_dialin", "pinless_dialin"]),
    "Whether callers are asked for a PIN",
));
static UPDATE: Schema = with_options!();
static BUY: Schema = Schema::of(&[Field::new("number", Rule::TEXT, "Which one; any when absent")]);

described_bodies! {
    /// Body of `POST /domain-dialin-config`.
    CreateDialinBody = &CREATE, {"type": "pinless_dialin", "name_prefix": "support"};
    /// Body of `PUT /domain-dialin-config/:id`.
    UpdateDialinBody = &UPDATE, {"ivr_greeting": {"message": "Welcome."}};
    /// Body of `POST /buy-phone-number`.
    BuyNumberBody = &BUY, {"number": "+15555550100"};
}

/// Body of `POST /domain-dialin-config`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateDialin {
    /// Whether callers are asked for a PIN.
    pub has_pin: bool,
    /// The number that leads there.
    pub phone_number: Option<String>,
}

impl CreateDialin {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// With the text for the caller, for the first thing that is wrong.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiError> {
        CreateDialinBody::SCHEMA.check(body)?;
        let has_pin = body.get("type").and_then(Value::as_str) == Some("pin_dialin");
        let phone_number = body.get("phone_number").and_then(Value::as_str).map(str::to_owned);
        if has_pin && phone_number.is_none() {
            return Err(ApiError::missing_field("phone_number"));
        }
        Ok(Self { has_pin, phone_number })
    }
}

/// The query of `GET /list-available-numbers`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberSearch<'a> {
    /// An area code.
    pub areacode: Option<&'a str>,
    /// A region.
    pub region: Option<&'a str>,
    /// A city of that region.
    pub city: Option<&'a str>,
    /// Digits in the number.
    pub contains: Option<&'a str>,
    /// Digits at its beginning.
    pub starts_with: Option<&'a str>,
    /// Digits at its end.
    pub ends_with: Option<&'a str>,
}

impl NumberSearch<'_> {
    /// Checks it: a place is an area code or a region, and digits are 3 to 7
    /// of one kind.
    ///
    /// # Errors
    ///
    /// `validation-error`, for the first thing that is wrong.
    pub fn check(self) -> Result<(), ApiError> {
        let Self { areacode, region, city, contains, starts_with, ends_with } = self;
        if areacode.is_some() && (region.is_some() || city.is_some()) {
            return Err(ApiError::number_search("areacode cannot be used with region or city"));
        }
        if city.is_some() && region.is_none() {
            return Err(ApiError::number_search("city needs a region"));
        }
        let is_area = |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
        if areacode.is_some_and(|code| !is_area(code)) {
            return Err(ApiError::number_search("areacode should have 3 digits"));
        }
        let digits =
            [("contains", contains), ("starts_with", starts_with), ("ends_with", ends_with)];
        let mut given = digits.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let Some((name, value)) = given.next() else {
            return Ok(());
        };
        if given.next().is_some() {
            let text = "contains, starts_with and ends_with exclude each other";
            return Err(ApiError::number_search(text));
        }
        let is_good = (3..=7).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
        if is_good {
            return Ok(());
        }
        Err(ApiError::number_search(&format!("{name} should have 3 to 7 digits")))
    }
}

/// A number that could be bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AvailableNumber {
    /// The number.
    #[cfg_attr(feature = "openapi", schema(example = "+15555550100"))]
    pub phone_number: String,
    /// Where it is.
    #[cfg_attr(feature = "openapi", schema(example = "CA"))]
    pub region: String,
}

/// A number that was bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "name": "Reception", "type": "purchased_phone_number", "pagination_id": 1, "created_date": "2031-05-04T10:20:30.000Z", "number": "+15555550100", "status": "active", "verified": true})))]
pub struct PurchasedNumber {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Always `purchased_phone_number`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For cursors.
    pub pagination_id: i64,
    /// When it was bought.
    pub created_date: String,
    /// The number.
    pub number: String,
    /// Whether it works.
    pub status: String,
    /// Whether it was verified.
    pub verified: bool,
}

/// Answer of `POST /buy-phone-number`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "number": "+15555550100"})))]
pub struct BoughtNumber {
    /// Its id.
    pub id: String,
    /// The number.
    #[cfg_attr(feature = "openapi", schema(example = "+15555550100"))]
    pub number: String,
}

/// The 422 of `POST /buy-phone-number` for what is no number, in the vendor's
/// own envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"errors": [{"detail": "the number should be + and 7 to 15 digits", "status": "422", "title": "Invalid phone number", "code": "invalid_phone_number"}], "status": 422})))]
pub struct InvalidNumber {
    /// One.
    pub errors: Vec<InvalidNumberDetail>,
    /// Always 422.
    #[cfg_attr(feature = "openapi", schema(example = 422))]
    pub status: u16,
}

/// What is wrong with a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvalidNumberDetail {
    /// For people.
    pub detail: String,
    /// Always `422`.
    #[cfg_attr(feature = "openapi", schema(example = "422"))]
    pub status: String,
    /// For people, shorter.
    pub title: String,
    /// For programs.
    #[cfg_attr(feature = "openapi", schema(example = "invalid_phone_number"))]
    pub code: String,
}

impl InvalidNumber {
    /// The answer to a purchase of what is no number: `+` and digits (ITU-T
    /// E.164). `None` when the body names a number, or none, or nothing that
    /// its schema admits.
    #[must_use]
    pub fn in_purchase(body: &Map<String, Value>) -> Option<Self> {
        BuyNumberBody::SCHEMA.check(body).ok()?;
        let number = body.get("number")?.as_str()?;
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        (!is_number).then(|| Self {
            errors: vec![InvalidNumberDetail {
                detail: "the number should be + and 7 to 15 digits".to_owned(),
                status: "422".to_owned(),
                title: "Invalid phone number".to_owned(),
                code: "invalid_phone_number".to_owned(),
            }],
            status: 422,
        })
    }
}

/// A dial-in configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "type": "pinless_dialin", "config": {"type": "pinless_dialin", "name_prefix": "support"}})))]
pub struct DialinConfig {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// `pin_dialin` or `pinless_dialin`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "pinless_dialin"))]
    pub kind: String,
    /// As it was set.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Object, example = json!({"name_prefix": "support"}))
    )]
    pub config: Map<String, Value>,
}

/// Answer of what only succeeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusOk {
    /// Always `ok`.
    #[cfg_attr(feature = "openapi", schema(example = "ok"))]
    pub status: String,
}
