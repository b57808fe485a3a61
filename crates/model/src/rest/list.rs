//! The envelope of lists: how many there are, and a page of them.

use serde::{Deserialize, Serialize};

use super::batch_processor::BatchJob;
use super::phone_numbers::{AvailableNumber, DialinConfig, PurchasedNumber};
use super::recordings::Recording;
use super::transcripts::Transcript;

macro_rules! lists {
    ($($(#[doc = $doc:literal])+ $name:ident($item:ident);)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name {
            /// How many there are, not only on this page.
            #[cfg_attr(feature = "openapi", schema(example = 1))]
            pub total_count: u64,
            /// This page.
            pub data: Vec<$item>,
        }
    )+};
}

lists! {
    /// A page of recordings, the newest first.
    RecordingList(Recording);
    /// A page of transcripts, the newest first.
    TranscriptList(Transcript);
    /// A page of batch jobs, the newest first.
    BatchJobList(BatchJob);
    /// Numbers that could be bought.
    AvailableNumberList(AvailableNumber);
    /// A page of numbers that were bought.
    PurchasedNumberList(PurchasedNumber);
    /// A page of dial-in configurations.
    DialinConfigList(DialinConfig);
}
