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
        PropertySpec::new(Kind::Flag).domain(TRUE).room(ABSENT).will_act(Page);

    /// The picture-in-picture button.
    flag enable_pip_ui = PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).will_act(Page);

    /// The reactions button.
    flag enable_emoji_reactions =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).will_act(Page);

    /// Raising one's hand.
    flag enable_hand_raising =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).will_act(Page);

    /// The captions button.
    flag enable_live_captions_ui = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(ABSENT)
        .token_long_name(ABSENT)
        .will_act(Page);

    /// The network panel.
    flag enable_network_ui = PropertySpec::new(Kind::Flag)
        .domain(FALSE)
        .room(ABSENT)
        .acts_partly(Page, "shows the connection's quality while it is good, too; there is no panel yet");

    /// The noise-cancellation switch.
    flag enable_noise_cancellation_ui =
        PropertySpec::new(Kind::Flag).domain(TRUE).room(ABSENT).will_act(Page);

    /// Breakout rooms.
    flag enable_breakout_rooms =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(ABSENT).will_act(Page);

    /// The background-blur control.
    flag enable_video_processing_ui =
        PropertySpec::new(Kind::Flag).domain(TRUE).room(TRUE).will_act(Page);

    /// The chat panel.
    flag enable_chat = PropertySpec::new(Kind::Flag).room(FALSE).acts(Page);

    /// Who comes later sees the chat from before.
    flag enable_shared_chat_history = PropertySpec::new(Kind::Flag).room(TRUE).will_act(Page);

    /// A richer chat: emoji, reactions, links.
    flag enable_advanced_chat =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(FALSE).will_act(Page);

    /// The record button.
    flag enable_recording_ui = PropertySpec::new(Kind::Flag).token(ABSENT, "erui").will_act(Page);

    /// The language of the page; `user`: the browser's.
    text lang = PropertySpec::new(Kind::OneOf(LANGUAGES))
        .domain(DefaultValue::Text("en"))
        .room(DefaultValue::Text("en"))
        .token(DefaultValue::Text("en"), "uil")
        .acts_partly(Page, "English is the only language yet");

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
