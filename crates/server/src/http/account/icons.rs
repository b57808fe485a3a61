//! The few signs of the account pages, drawn in lines like the kit's.

/// A sign; the name is on the control around it.
macro_rules! icon {
    ($name:ident, $doc:literal, $shape:literal) => {
        #[doc = $doc]
        pub(super) const $name: &str = concat!(
            r#"<svg class="i" width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">"#,
            $shape,
            "</svg>"
        );
    };
}

icon!(
    PASSKEY,
    "A person with a key.",
    r#"<circle cx="9" cy="7" r="4"/><path d="M2.5 20.5a6.6 6.6 0 0 1 10-5.7"/><circle cx="18" cy="14" r="2.5"/><path d="M18 16.5V22l1.9-1.7M18 19.6h1.9"/>"#
);
icon!(
    PROVIDER,
    "A house with windows.",
    r#"<path d="M4 21V5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v16M15 10h3a2 2 0 0 1 2 2v9M2.5 21h19M8 7.5h3M8 11.5h3M8 15.5h3"/>"#
);
icon!(
    ATTENTION,
    "An exclamation mark in a circle.",
    r#"<circle cx="12" cy="12" r="9"/><path d="M12 7.8v4.7M12 16.2h.01"/>"#
);
icon!(
    SHOW,
    "An eye.",
    r#"<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.8"/>"#
);
