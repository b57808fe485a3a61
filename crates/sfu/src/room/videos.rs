//! Who is sent how much of whose video: sharing out each receiver's bandwidth,
//! and asking senders for what is wanted of them, and no more.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parlor_model::call::{ServerMessage, SlotTrack, TrackSource, VideoWish};
use parlor_model::id::ParticipantId;

use super::Room;
use super::message::Rejection;
use crate::allocation::{self, Bid};
use crate::forward::Place;
use crate::layers::EncodingSet;
use crate::receiving::{self, Delivery, Receiving};
use crate::select::Choice;

/// How often the bandwidth of a receiver is shared out anew, besides when it
/// falls. More often follows faster and flickers more. Each receiver has a second
/// of their own, so that the work of a large room is spread over it.
const SHARE_EVERY: Duration = Duration::from_secs(1);
/// Least time between two sharings because something changed. Shorter follows
/// scrolling pages closer, each time at the cost of all videos of the receiver.
const NEWS_PAUSE: Duration = Duration::from_millis(250);
/// Least time between two looks, because something changed, at what all the
/// receivers of somebody's videos want.
const LAYERS_PAUSE: Duration = Duration::from_millis(50);
/// An estimate that falls below this part of what it was shared out by is not
/// waited with. Higher shares out more often; lower jams for longer.
const FALL: f64 = 0.9;

/// A video in a slot, and what may be sent of it.
struct Watched {
    slot: usize,
    track: SlotTrack,
    bid: Bid,
    /// Whether less is offered of it than is wished for.
    is_strained: bool,
}

impl Watched {
    /// Leaves out that many of its largest steps, but not the smallest.
    fn strain(&mut self, steps: u8) {
        let steps_before = self.bid.steps.len();
        self.bid.steps.truncate(steps_before.saturating_sub(usize::from(steps)).max(1));
        self.is_strained = self.bid.steps.len() < steps_before;
    }
}

impl Room {
    /// What a client wants of videos from now on.
    pub(super) fn set_video_wishes(
        &mut self,
        from: ParticipantId,
        base: Option<VideoWish>,
        people: BTreeMap<ParticipantId, BTreeMap<TrackSource, VideoWish>>,
    ) -> Result<(), Rejection> {
        let receiver = self.participants.get(&from);
        if receiver.is_some_and(|it| !it.receiving.has_space_for(&people)) {
            self.forget_wishes_for_strangers(from);
        }
        let Some(participant) = self.participants.get_mut(&from) else {
            return Ok(());
        };
        if !participant.receiving.wish(base, people) {
            return Err("wishes for too many videos".into());
        }
        self.note_videos(from);
        Ok(())
    }

    /// What somebody is to be sent of videos may have changed: shares out their
    /// bandwidth at once, or when it is time again.
    pub(super) fn note_videos(&mut self, receiver: ParticipantId) {
        if let Some(participant) = self.participants.get_mut(&receiver) {
            participant.receiving.news.note();
            participant.videos_at.get_or_insert(self.now + SHARE_EVERY);
            self.share_if_due(receiver);
            self.set_alarm(receiver);
        }
    }

    /// The same for everybody, who are many: one after the other, with the next
    /// timers.
    pub(super) fn note_all_videos(&mut self) {
        for id in self.participants.keys().copied().collect::<Vec<_>>() {
            let Some(participant) = self.participants.get_mut(&id) else {
                continue;
            };
            let watches = participant.slots.watches();
            if watches {
                participant.receiving.news.note();
            }
            if watches || participant.sends_video() {
                participant.videos_at.get_or_insert(self.now + SHARE_EVERY);
                self.set_alarm(id);
            }
        }
    }

    /// Shares out somebody's bandwidth, and asks them for what is wanted of
    /// their own videos, if it is time.
    pub(super) fn see_to_videos_if_due(&mut self, id: ParticipantId) {
        self.share_if_due(id);
        self.ask_if_due(id);
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        if participant.videos_at.is_none_or(|at| at > self.now) {
            return;
        }
        let (watches, sends) = (participant.slots.watches(), participant.sends_video());
        participant.videos_at = (watches || sends).then(|| self.now + SHARE_EVERY);
        if watches {
            self.share(id);
        }
        if sends {
            self.ask_for_layers(id);
        }
    }

    /// The machine has more or less time for videos than before.
    pub(super) fn handle_strain(&mut self, steps: u8) {
        if self.strain != steps {
            self.strain = steps;
            self.note_all_videos();
        }
    }

    /// Feedback came: less may pass than is being sent.
    pub(super) fn check_bandwidth(&mut self, receiver: ParticipantId) {
        let Some(receiving) = self.participants.get(&receiver).map(|it| &it.receiving) else {
            return;
        };
        let Some(estimate) = receiving.bandwidth.bits_per_second else {
            return;
        };
        if estimate < FALL * receiving.allocated && estimate < FALL * receiving.estimate {
            self.share(receiver);
        }
    }

    fn share_if_due(&mut self, receiver: ParticipantId) {
        let now = self.now;
        let participant = self.participants.get_mut(&receiver);
        if participant.is_some_and(|it| it.receiving.news.take(now, NEWS_PAUSE)) {
            self.share(receiver);
            let senders = self.participants.get(&receiver).into_iter().flat_map(|participant| {
                participant.slots.iter().filter_map(|slot| slot.track.as_ref())
            });
            let senders: Vec<_> = senders
                .filter(|track| track.source.is_video())
                .map(|track| track.participant)
                .collect();
            for sender in senders {
                self.note_layers(sender);
            }
        }
    }

    /// What is wanted of somebody's videos may have changed: asks for it at once,
    /// or, for a thousand receivers may have changed their minds, soon.
    fn note_layers(&mut self, sender: ParticipantId) {
        if let Some(participant) = self.participants.get_mut(&sender) {
            participant.layers_news.note();
            self.ask_if_due(sender);
            self.set_alarm(sender);
        }
    }

    fn ask_if_due(&mut self, sender: ParticipantId) {
        let now = self.now;
        let participant = self.participants.get_mut(&sender);
        if participant.is_some_and(|it| it.layers_news.take(now, LAYERS_PAUSE)) {
            self.ask_for_layers(sender);
        }
    }

    /// Shares out the bandwidth of one receiver.
    fn share(&mut self, receiver: ParticipantId) {
        let now = self.now;
        let mut watched = self.watched(receiver);
        for video in &mut watched {
            video.strain(self.strain);
        }
        let bids: Vec<_> = watched.iter().map(|video| video.bid.clone()).collect();
        let top = |bid: &Bid| bid.steps.last().map_or(0.0, |step| step.bits_per_second);
        let Some(participant) = self.participants.get(&receiver) else {
            return;
        };
        let audio = participant.receiving.bandwidth.audio;
        self.need(receiver, allocation::aim(bids.iter().map(top).sum(), audio));
        let Some(participant) = self.participants.get_mut(&receiver) else {
            return;
        };
        let budget = budget(now, &mut participant.receiving, &bids);
        let granted = allocation::allocate(&bids, budget);
        let mut allocated = 0.0;
        let mut targets = Vec::new();
        for (video, step) in watched.into_iter().zip(granted) {
            let Watched { slot, track, bid, is_strained } = video;
            let granted = step.map(|step| bid.steps[step]);
            allocated += granted.map_or(0.0, |step| step.bits_per_second);
            let is_limited = is_strained || step.map_or(0, |step| step + 1) < bid.steps.len();
            targets.push((slot, track, granted.map(|step| step.choice), is_limited));
        }
        participant.receiving.allocated = allocated;
        for (slot, _, choice, _) in &targets {
            self.aim(Place { receiver, slot: *slot }, *choice);
        }
        self.tell_deliveries(receiver, targets);
    }

    fn tell_deliveries(
        &mut self,
        receiver: ParticipantId,
        targets: Vec<(usize, SlotTrack, Option<Choice>, bool)>,
    ) {
        let mut deliveries: BTreeMap<SlotTrack, Delivery> = BTreeMap::new();
        for (_, track, choice, is_limited) in targets {
            let layer = self.publication(&track).zip(choice).map(|(publication, choice)| {
                if publication.encodings.is_simulcast() {
                    publication.encoding_for(choice)
                } else {
                    choice.size.min(publication.encodings.sizes() - 1)
                }
            });
            deliveries.insert(track, (layer, is_limited));
        }
        let Some(participant) = self.participants.get_mut(&receiver) else {
            return;
        };
        let news = participant.receiving.deliver(deliveries);
        if !news.is_empty() {
            self.send(receiver, ServerMessage::VideoDeliveries { deliveries: news });
        }
    }

    /// The videos in somebody's slots that are being sent.
    fn watched(&self, receiver: ParticipantId) -> Vec<Watched> {
        let Some(participant) = self.participants.get(&receiver) else {
            return Vec::new();
        };
        let speaker = self.speakers.dominant();
        let carried = participant.slots.iter().enumerate();
        carried
            .filter_map(|(index, slot)| {
                let track = slot.track.as_ref()?;
                let sender = self.participants.get(&track.participant)?;
                let publication = sender.publications.get(&track.source)?;
                let is_sent =
                    track.source.is_video() && publication.is_sending() && !slot.is_staged;
                if !is_sent {
                    return None;
                }
                let wish = participant.receiving.wish_for(track);
                let is_speaker = speaker == Some(track.participant);
                let bid = Bid {
                    priority: receiving::priority(wish, track, is_speaker),
                    width: wish.width.unwrap_or(0),
                    steps: receiving::steps(wish, &publication.encodings),
                };
                Some(Watched { slot: index, track: track.clone(), bid, is_strained: false })
            })
            .collect()
    }

    /// Tells a sender which encodings of its videos somebody is to get.
    fn ask_for_layers(&mut self, sender: ParticipantId) {
        let Some(participant) = self.participants.get(&sender) else {
            return;
        };
        let wanted: Vec<_> = participant
            .publications
            .iter()
            .filter(|(_, publication)| {
                publication.is_sending() && publication.encodings.is_simulcast()
            })
            .map(|(source, publication)| {
                let subscribers = publication.subscribers.iter();
                let mut wanted = EncodingSet::default();
                for subscriber in subscribers {
                    let receiver = self.participants.get(&subscriber.participant);
                    let slot = receiver.and_then(|it| it.slots.get(subscriber.slot));
                    let target = slot.and_then(|slot| slot.target);
                    let largest = publication.encodings.sizes() - 1;
                    wanted.extend(target.map(|target| target.size.min(largest)));
                    // What is sent goes on until another takes its place.
                    wanted.extend(slot.and_then(|slot| slot.current));
                }
                (*source, wanted)
            })
            .collect();
        for (source, wanted) in wanted {
            self.ask_for_encodings(sender, source, wanted);
        }
    }

    fn ask_for_encodings(
        &mut self,
        sender: ParticipantId,
        source: TrackSource,
        wanted: EncodingSet,
    ) {
        let now = self.now;
        let track = SlotTrack { participant: sender, source };
        let Some(publication) = self.publication(&track) else {
            return;
        };
        let count = publication.encodings.iter().count();
        let Some(asked) = publication.layers_wanted.judge(now, wanted, count) else {
            return;
        };
        let named = (0..).zip(publication.encodings.iter());
        let rids: Vec<_> = named
            .filter(|(index, _)| asked.contains(*index))
            .filter_map(|(_, encoding)| Some(encoding.rid()?.to_string()))
            .collect();
        self.send(sender, ServerMessage::LayersWanted { source, rids });
    }
}

/// What may be spent on these videos, in bits per second.
fn budget(now: Instant, receiving: &mut Receiving, bids: &[Bid]) -> f64 {
    let bandwidth = receiving.bandwidth;
    let Some(estimate) = bandwidth.bits_per_second else {
        return f64::INFINITY;
    };
    receiving.estimate = estimate;
    let budget = allocation::budget(estimate, bandwidth.audio);
    if bandwidth.is_limited {
        return receiving.headroom.note(now, budget);
    }
    // Until something jams, nothing says that anybody must be paused, or has
    // to wait for more.
    let least = |bid: &Bid| bid.steps.first().map_or(0.0, |step| step.bits_per_second);
    budget.max(bids.iter().map(least).sum())
}
