//! Packets out by script, packets in to their slots.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::media::KeyframeRequestKind;
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, Input as RtcInput, Output as RtcOutput, Rtc};

use super::Participant;
use crate::io::{Output, Transmit};
use crate::sender::Sender;

impl Participant {
    pub(super) fn handle_datagram(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        let Ok(contents) = DatagramRecv::try_from(bytes) else {
            return;
        };
        let receive =
            Receive { proto: Protocol::Udp, source, destination: self.config.address, contents };
        self.drive_with(now, RtcInput::Receive(now, receive));
    }

    /// Brings the connection to `now` and puts out what it has to send.
    pub(super) fn drive(&mut self, now: Instant) {
        self.drive_with(now, RtcInput::Timeout(now));
    }

    /// When the next frame of any track is due.
    pub(super) fn next_frame(&self) -> Option<Instant> {
        let senders = self.senders.iter().filter(|_| self.is_connected);
        senders.filter_map(Sender::due).min()
    }

    /// Writes all frames that are due; [`Self::drive`] puts them out.
    pub(super) fn play(&mut self, now: Instant) {
        if !self.is_connected {
            return;
        }
        let Self { senders, rtc, .. } = self;
        for sender in senders {
            sender.write(now, rtc);
        }
    }

    /// Lets decoders give up what has waited too long.
    pub(super) fn judge(&mut self, now: Instant) {
        let mut is_keyframe_wanted = false;
        for slot in self.slots.iter_mut().filter(|slot| slot.is_video) {
            if slot.reception.decode(now) {
                request_keyframe(&mut self.rtc, slot.mid);
                is_keyframe_wanted = true;
            }
        }
        if is_keyframe_wanted {
            self.drive(now);
        }
    }

    fn drive_with(&mut self, now: Instant, input: RtcInput<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            return tracing::debug!(%error, "the connection failed");
        }
        loop {
            match self.rtc.poll_output() {
                Ok(RtcOutput::Timeout(deadline)) => {
                    self.rtc_deadline = deadline;
                    return;
                }
                Ok(RtcOutput::Transmit(transmit)) => {
                    let destination = transmit.destination;
                    let contents = transmit.contents.into();
                    self.outputs.push_back(Output::Datagram(Transmit { destination, contents }));
                }
                Ok(RtcOutput::Event(event)) => self.handle_event(now, event),
                Err(error) => return tracing::debug!(%error, "the connection failed"),
            }
        }
    }

    fn handle_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => {
                self.is_connected = true;
                for sender in self.senders.iter_mut().filter(|sender| sender.is_on) {
                    sender.resume(now);
                }
            }
            Event::RtpPacket(packet) => self.take_packet(now, &packet),
            Event::KeyframeRequest(request) => {
                let asked = self.senders.iter_mut().filter(|it| it.mid == Some(request.mid));
                asked.for_each(|sender| sender.want_keyframe(request.rid));
            }
            // The rest are statistics and features that are not switched on.
            _ => {}
        }
    }

    fn take_packet(&mut self, now: Instant, packet: &RtpPacket) {
        let Some(index) = self.slot_of(packet.header.ssrc) else {
            return;
        };
        let slot = &mut self.slots[index];
        let needs_keyframe = slot.reception.take(
            now,
            *packet.seq_no,
            packet.header.timestamp,
            &packet.payload,
            slot.is_video,
        );
        if needs_keyframe {
            // Put out by the drain that this packet came from.
            request_keyframe(&mut self.rtc, slot.mid);
        }
    }

    fn slot_of(&mut self, ssrc: Ssrc) -> Option<usize> {
        if let Some((_, index)) = self.streams.iter().find(|(known, _)| *known == ssrc) {
            return Some(*index);
        }
        let mid = self.rtc.direct_api().stream_rx(&ssrc)?.mid();
        let index = self.slots.iter().position(|slot| slot.mid == mid)?;
        self.streams.push((ssrc, index));
        Some(index)
    }
}

fn request_keyframe(rtc: &mut Rtc, mid: str0m::media::Mid) {
    if let Some(stream) = rtc.direct_api().stream_rx_by_mid(mid, None) {
        stream.request_keyframe(KeyframeRequestKind::Pli);
    }
}
