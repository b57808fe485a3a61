//! The streams that a remote is to be sent, as negotiation names them. The
//! library declares them while an offer is answered, and has none otherwise:
//! it would report on each, and cost more with each. Whose numbers they are,
//! it is told again with the next offer, so that they stay.

use std::collections::BTreeMap;
use std::sync::Arc;

use str0m::Rtc;
use str0m::media::{Media, Mid};
use str0m::rtp::{Extension, Ssrc};

use crate::forward::{Beginning, ExtensionIds, Format, StreamSetup};

/// The declared streams, by transceiver: sources of packets and of repairs.
///
/// The library's own control packets have a source that it draws itself. Those
/// below are drawn by it as well; that they are equal, which would let a
/// keystream be used twice, is as unlikely as guessing 32 bits.
#[derive(Debug, Default)]
pub(super) struct Sending {
    streams: BTreeMap<Mid, (Ssrc, Option<Ssrc>)>,
    /// The formats of the last transceiver: most have the same.
    formats: Option<Arc<[Format]>>,
}

impl Sending {
    /// An offer is about to be answered.
    pub(super) fn lend(&mut self, rtc: &mut Rtc) {
        self.streams.retain(|mid, _| rtc.media(*mid).is_some());
        for (mid, (ssrc, repair)) in &self.streams {
            rtc.direct_api().declare_stream_tx(*ssrc, *repair, *mid, None);
        }
    }

    /// It was answered, or refused: takes the streams of these transceivers.
    pub(super) fn take_back<'a>(&mut self, rtc: &mut Rtc, mids: impl Iterator<Item = &'a str>) {
        self.formats = None;
        for mid in mids.map(Mid::from) {
            let mut api = rtc.direct_api();
            while let Some(stream) = api.stream_tx_by_mid(mid, None) {
                let (ssrc, repair) = (stream.ssrc(), stream.rtx());
                self.streams.insert(mid, (ssrc, repair));
                api.remove_stream_tx(ssrc);
            }
        }
    }

    /// How packets to this transceiver look. `None`: nothing is sent there.
    pub(super) fn set_up(
        &mut self,
        rtc: &Rtc,
        mid: Mid,
        beginning: Beginning,
    ) -> Option<StreamSetup> {
        let (ssrc, repair) = self.streams.get(&mid)?;
        let media = rtc.media(mid)?;
        Some(StreamSetup {
            mid,
            ssrc: **ssrc,
            repair_ssrc: repair.map(|ssrc| *ssrc),
            cname: Arc::from(media.cname()),
            formats: self.formats(rtc, media),
            extensions: extensions(media),
            beginning,
        })
    }

    /// Whether the remote will tell of what arrives.
    pub(super) fn is_told_of(&self, rtc: &Rtc) -> bool {
        let media = self.streams.keys().filter_map(|mid| rtc.media(*mid));
        media.map(extensions).any(|extensions| extensions.number.is_some())
    }

    fn formats(&mut self, rtc: &Rtc, media: &Media) -> Arc<[Format]> {
        let params = rtc.codec_config().params().iter();
        let accepted = params.filter(|params| media.remote_pts().contains(&params.pt()));
        let formats: Vec<_> = accepted
            .map(|params| Format {
                spec: params.spec(),
                payload_type: *params.pt(),
                repair: params.resend().map(|repair| *repair),
            })
            .collect();
        match &self.formats {
            Some(known) if **known == *formats => Arc::clone(known),
            _ => Arc::clone(self.formats.insert(Arc::from(formats))),
        }
    }
}

fn extensions(media: &Media) -> ExtensionIds {
    let id_of = |extension| media.remote_extmap().id_of(extension);
    ExtensionIds {
        number: id_of(Extension::TransportSequenceNumber),
        mid: id_of(Extension::RtpMid),
        audio_level: id_of(Extension::AudioLevel),
        orientation: id_of(Extension::VideoOrientation),
    }
}
