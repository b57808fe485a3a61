//! What waits to be written to a TURN client. Answers have a queue of their
//! own: where media are lost because the client's network is slow, it must
//! still be able to keep its relay.

use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Most answers that wait. A client has a few requests open at a time.
const REPLIES: usize = 64;

/// Most media packets that wait.
const MEDIA: usize = 192;

/// Most written at a time. More would let an answer wait longer.
const WRITE_BATCH: usize = 32;

/// How long one write may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Where packets are queued.
pub(super) struct Outgoing {
    replies: mpsc::Sender<Vec<u8>>,
    media: mpsc::Sender<Vec<u8>>,
}

/// Where they are taken from.
pub(super) struct Waiting {
    replies: mpsc::Receiver<Vec<u8>>,
    media: mpsc::Receiver<Vec<u8>>,
}

/// The queues to one client.
pub(super) fn queues() -> (Outgoing, Waiting) {
    let (replies, waiting_replies) = mpsc::channel(REPLIES);
    let (media, waiting_media) = mpsc::channel(MEDIA);
    (Outgoing { replies, media }, Waiting { replies: waiting_replies, media: waiting_media })
}

impl Outgoing {
    /// Queues an answer. `None`: there is no place, for the client asks faster
    /// than it reads.
    pub(super) fn reply(&self, reply: Vec<u8>) -> Option<()> {
        self.replies.try_send(reply).ok()
    }

    /// Queues media. What finds no place is lost, as on any network.
    pub(super) fn media(&self, packet: Vec<u8>) {
        self.media.try_send(packet).ok();
    }
}

impl Waiting {
    /// Writes what is queued until nobody queues any more, or the client takes
    /// nothing.
    pub(super) async fn write(mut self, mut writer: impl AsyncWrite + Unpin) -> Option<()> {
        let (mut batch, mut bytes) = (Vec::new(), Vec::new());
        while self.take(&mut batch).await > 0 {
            bytes.clear();
            batch.drain(..).for_each(|packet: Vec<u8>| bytes.extend(packet));
            let writing = async {
                writer.write_all(&bytes).await?;
                // TLS may hold back the end of it.
                writer.flush().await
            };
            timeout(WRITE_TIMEOUT, writing).await.ok()?.ok()?;
        }
        None
    }

    async fn take(&mut self, batch: &mut Vec<Vec<u8>>) -> usize {
        tokio::select! {
            biased;
            Some(reply) = self.replies.recv() => {
                batch.push(reply);
                1
            }
            taken = self.media.recv_many(batch, WRITE_BATCH) => taken,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn answers_have_a_place_and_go_first_where_media_are_lost() {
        let (outgoing, waiting) = queues();
        for _ in 0..2 * MEDIA {
            outgoing.media(b"media".to_vec());
        }
        assert_eq!(outgoing.reply(b"reply".to_vec()), Some(()));
        drop(outgoing);
        let (mut client, ours) = tokio::io::duplex(64);
        let mut read = Vec::new();
        let (_ended, read_to_end) =
            tokio::join!(waiting.write(ours), client.read_to_end(&mut read));
        read_to_end.unwrap();
        assert!(read.starts_with(b"replymedia"));
    }

    #[test]
    fn who_asks_and_does_not_read_is_noticed() {
        let (outgoing, _waiting) = queues();
        let answered = (0..2 * REPLIES).take_while(|_| outgoing.reply(Vec::new()).is_some());
        assert_eq!(answered.count(), REPLIES);
    }
}
