//! What the call page shows.

use super::{ABSENT, FALSE, TRUE, getter, properties};
use crate::property::effective::Effective;
use crate::property::kind::Kind;
use crate::property::spec::Applies::Page;
use crate::property::spec::{DefaultValue, PropertySpec};

const LANGUAGES: &[&str] = &[
    "da", "de", "en", "es", "fi", "fr", "it", "jp", "ka", "nl", "no", "pt", "pt-BR", "pl", "ru",
    "sv", "tr", "user",
];

properties! {
    /// The device check before the call.
    flag enable_prejoin_ui = PropertySpec::new(Kind::Flag)
        .domain(TRUE)
        .room(ABSENT)
        .token_long_name(ABSENT)
        .acts(Page);

    /// The list of people.
    flag enable_people_ui = PropertySpec::new(Kind::Flag).domain(TRUE).room(ABSENT).acts(Page);

    /// Notices when the computer cannot keep up.
    flag enable_cpu_warning_notifications =
        PropertySpec::new(Kind::Flag).domain(TRUE).room(ABSENT).acts(Page);

    /// The picture-in-picture button.
    flag enable_pip_ui = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(ABSENT)
        .acts_partly(Page, "a small window with controls in Chromium, outside frames; elsewhere the speaker's picture floats");

    /// The reactions button.
    flag enable_emoji_reactions =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).acts(Page);

    /// Raising one's hand.
    flag enable_hand_raising =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).acts(Page);

    /// The captions button.
    flag enable_live_captions_ui = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(ABSENT)
        .token_long_name(ABSENT)
        .acts_partly(Page, "the words come as app messages of the application's own transcription; this server transcribes nothing");

    /// The network panel.
    flag enable_network_ui =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).acts(Page);

    /// The noise-cancellation switch.
    flag enable_noise_cancellation_ui = PropertySpec::new(Kind::Flag)
        .domain(TRUE)
        .room(ABSENT)
        .acts_partly(Page, "with the browser's own noise suppression, where it can be switched");

    /// Breakout rooms.
    flag enable_breakout_rooms = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(ABSENT)
        .without_effect(Page, "the call page has no breakout rooms");

    /// The background-blur control.
    flag enable_video_processing_ui = PropertySpec::new(Kind::Flag)
        .domain(TRUE)
        .room(TRUE)
        .acts_partly(Page, "with the browser's own blur, where browser and camera offer it");

    /// The chat panel.
    flag enable_chat = PropertySpec::new(Kind::Flag).room(FALSE).acts(Page);

    /// Who comes later sees the chat from before.
    flag enable_shared_chat_history = PropertySpec::new(Kind::Flag)
        .room(TRUE)
        .acts_partly(Page, "the last 100 messages, passed on by somebody on the call page who was there");

    /// A richer chat: emoji, reactions, links.
    flag enable_advanced_chat = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(FALSE)
        .acts(Page);

    /// The record button.
    flag enable_recording_ui = PropertySpec::new(Kind::Flag)
        .token(ABSENT, "erui")
        .acts_partly(Page, "recordings on one's own device; the server answers that it has no recorder");

    /// The language of the page; `user`: the browser's.
    text lang = PropertySpec::new(Kind::OneOf(LANGUAGES))
        .domain(DefaultValue::Text("en"))
        .room(DefaultValue::Text("en"))
        .token(DefaultValue::Text("en"), "uil")
        .acts(Page);

    /// Hides the name of the product.
    flag hide_daily_branding = PropertySpec::new(Kind::Flag).domain(FALSE).acts(Page);

    /// Where the browser goes after the leave button: a page, or a deep link
    /// into an app. `recent-call=<domain>/<room>` is appended to its query.
    text redirect_on_meeting_exit =
        PropertySpec::new(Kind::TEXT).domain(ABSENT).token(ABSENT, "rome").acts(Page);

    /// The tab closes after the leave button.
    flag close_tab_on_exit = PropertySpec::new(Kind::Flag)
        .token(FALSE, "ctoe")
        .acts_partly(Page, "where the browser lets a page close its tab: mostly if another page opened it");
}
