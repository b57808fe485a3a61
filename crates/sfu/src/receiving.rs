//! What one participant wants of the others' videos, and what they are sent.

use std::collections::{BTreeMap, BTreeSet};

use parlor_model::call::{SlotTrack, TrackSource, VideoDelivery, VideoPriority, VideoWish};
use parlor_model::id::ParticipantId;

use crate::allocation::{Headroom, Step};
use crate::forward::Bandwidth;
use crate::layers::Encodings;
use crate::pacer::Pacer;

/// Most people for whom wishes are kept, and most of each.
const MAX_PEOPLE: usize = 1000;
const MAX_TRACKS: usize = 16;
/// Up to how wide a picture is shown without need of the next size: cameras
/// send about 320, 640 and 1280, and a little blur is not seen.
const SMALL_WIDTH: u16 = 400;
const MEDIUM_WIDTH: u16 = 800;

/// The receiving side of one participant.
#[derive(Debug, Default)]
pub(crate) struct Receiving {
    wishes: Wishes,
    /// When bandwidth is shared out next because something changed.
    pub(crate) news: Pacer,
    pub(crate) headroom: Headroom,
    /// What is known of their bandwidth; nothing before they were sent anything.
    pub(crate) bandwidth: Bandwidth,
    /// What the choice of the last sharing takes, in bits per second.
    pub(crate) allocated: f64,
    /// The estimate it was shared out by.
    pub(crate) estimate: f64,
    told: BTreeMap<SlotTrack, Delivery>,
}

/// What is sent of a video: which layer, and whether that is less than is
/// wished for: for want of bandwidth, or of the server's time.
pub(crate) type Delivery = (Option<u8>, bool);

/// The wishes, as they were said.
#[derive(Debug, Default)]
struct Wishes {
    base: VideoWish,
    people: BTreeMap<ParticipantId, BTreeMap<TrackSource, VideoWish>>,
}

impl Receiving {
    /// Takes new wishes. `false`: there would be too many.
    pub(crate) fn wish(
        &mut self,
        base: Option<VideoWish>,
        people: BTreeMap<ParticipantId, BTreeMap<TrackSource, VideoWish>>,
    ) -> bool {
        if !self.has_space_for(&people) || people.values().any(|it| it.len() > MAX_TRACKS) {
            return false;
        }
        let kept = &mut self.wishes.people;
        for (id, tracks) in people {
            if tracks.is_empty() {
                kept.remove(&id);
            } else {
                kept.insert(id, tracks);
            }
        }
        if let Some(base) = base {
            self.wishes.base = base;
        }
        true
    }

    /// Whether wishes for so many can be kept.
    pub(crate) fn has_space_for(
        &self,
        people: &BTreeMap<ParticipantId, BTreeMap<TrackSource, VideoWish>>,
    ) -> bool {
        let kept = &self.wishes.people;
        let is_new = |(id, tracks): &(&ParticipantId, &BTreeMap<_, _>)| {
            !tracks.is_empty() && !kept.contains_key(id)
        };
        people.len() <= MAX_PEOPLE
            && kept.len() + people.iter().filter(is_new).count() <= MAX_PEOPLE
    }

    /// What was wished of whoever is not among these is forgotten.
    pub(crate) fn keep(&mut self, present: &BTreeSet<ParticipantId>) {
        self.wishes.people.retain(|id, _| present.contains(id));
    }

    /// What is wished of a video.
    pub(crate) fn wish_for(&self, track: &SlotTrack) -> &VideoWish {
        let theirs = self.wishes.people.get(&track.participant);
        theirs.and_then(|tracks| tracks.get(&track.source)).unwrap_or(&self.wishes.base)
    }

    /// Somebody is gone, and what was wished of them.
    pub(crate) fn forget(&mut self, id: ParticipantId) {
        self.wishes.people.remove(&id);
    }

    /// What is sent from now on; returns what is new about it.
    pub(crate) fn deliver(&mut self, all: BTreeMap<SlotTrack, Delivery>) -> Vec<VideoDelivery> {
        let is_new =
            |(track, delivery): &(&SlotTrack, &Delivery)| self.told.get(track) != Some(delivery);
        let news = all.iter().filter(is_new).map(view).collect();
        self.told = all;
        news
    }

    /// All that is sent.
    pub(crate) fn deliveries(&self) -> Vec<VideoDelivery> {
        self.told.iter().map(view).collect()
    }
}

fn view((track, (layer, is_limited)): (&SlotTrack, &Delivery)) -> VideoDelivery {
    VideoDelivery {
        participant: track.participant,
        source: track.source,
        layer: *layer,
        is_limited: *is_limited,
    }
}

/// What may be sent of a video, from the least to what is wished for.
pub(crate) fn steps(wish: &VideoWish, encodings: &Encodings) -> Vec<Step> {
    if wish.is_paused {
        return Vec::new();
    }
    let largest = encodings.sizes() - 1;
    let by_width = match wish.width {
        Some(width) if width <= SMALL_WIDTH => largest.saturating_sub(2),
        Some(width) if width <= MEDIUM_WIDTH => largest.saturating_sub(1),
        Some(_) | None => largest,
    };
    encodings.steps(wish.max_layer.unwrap_or(largest).min(by_width))
}

/// How important a video is: as wished, and more while its sender speaks.
pub(crate) fn priority(wish: &VideoWish, track: &SlotTrack, is_speaker: bool) -> VideoPriority {
    let by_kind = match track.source {
        TrackSource::ScreenVideo => VideoPriority::Screen,
        _ if is_speaker => VideoPriority::Speaker,
        _ => VideoPriority::Normal,
    };
    wish.priority.max(by_kind)
}

#[cfg(test)]
mod tests {
    use str0m::media::Rid;

    use super::*;

    fn person(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    #[test]
    fn wishes_are_replaced_whole_and_bounded() {
        let mut receiving = Receiving::default();
        let wish = |width| VideoWish { width: Some(width), ..VideoWish::default() };
        let of = |width| BTreeMap::from([(TrackSource::CamVideo, wish(width))]);
        let cam = |n| SlotTrack { participant: person(n), source: TrackSource::CamVideo };
        assert!(receiving.wish(Some(wish(1)), BTreeMap::from([(person(1), of(2))])));
        assert_eq!(receiving.wish_for(&cam(1)).width, Some(2));
        assert_eq!(receiving.wish_for(&cam(2)).width, Some(1));
        assert!(receiving.wish(None, BTreeMap::from([(person(1), BTreeMap::new())])));
        assert_eq!(receiving.wish_for(&cam(1)).width, Some(1));

        let id = |n: u16| {
            let [high, low] = n.to_be_bytes();
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&[high, low]);
            ParticipantId::from_random(bytes)
        };
        let most = u16::try_from(MAX_PEOPLE).unwrap();
        assert!(receiving.wish(None, (0..most).map(|n| (id(n), of(3))).collect()));
        assert!(!receiving.wish(None, BTreeMap::from([(id(most), of(3))])));
        assert!(receiving.wish(None, BTreeMap::from([(id(0), of(4))])));
    }

    #[test]
    fn what_is_shown_small_is_sent_small() {
        let mut encodings = Encodings::default();
        encodings.declare(&["q", "h", "f"].map(Rid::from));
        for (width, max_layer, count) in [
            (None, None, 3),
            (Some(200), None, 1),
            (Some(640), None, 2),
            (Some(1920), None, 3),
            (Some(1920), Some(0), 1),
            (None, Some(9), 3),
        ] {
            let wish = VideoWish { width, max_layer, ..VideoWish::default() };
            assert_eq!(steps(&wish, &encodings).len(), count, "{wish:?}");
        }
        let wish = VideoWish { is_paused: true, ..VideoWish::default() };
        assert!(steps(&wish, &encodings).is_empty());
    }
}
