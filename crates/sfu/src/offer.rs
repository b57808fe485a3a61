//! What is read of an offer, and taken out of it, before the library sees it.
//! Everything else about session descriptions is the library's.

/// The session id of a description's `o=` line. A browser keeps it for the life
/// of an `RTCPeerConnection` (RFC 8829, 5.2.1), so a new one means a new
/// connection at the other end.
pub(crate) fn session_id(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix("o="))?.split(' ').nth(1)
}

/// How many transceivers a description lists.
pub(crate) fn count_transceivers(sdp: &str) -> usize {
    sdp.lines().filter(|line| line.starts_with("m=")).count()
}

/// The offer without what this room does not do:
///
/// - Transport-wide feedback about the sound that the room sends. Sound is never
///   held back, so the feedback of those who only listen would be read for
///   nothing. Pictures keep it, and what clients send: their own estimate needs
///   ours.
/// - Candidates. The room never calls first (ICE-lite), so it learns where the
///   remote is from its checks, while the library would keep and search every
///   candidate that anybody lists.
pub(crate) fn simplify(sdp: &str) -> String {
    let mut simple = String::with_capacity(sdp.len());
    for section in sections(sdp) {
        let is_listening =
            section.starts_with("m=audio") && section.lines().any(|line| line == "a=recvonly");
        let is_kept =
            |line: &&str| !(is_candidate(line) || is_listening && is_transport_feedback(line));
        simple.extend(section.split_inclusive('\n').filter(is_kept));
    }
    simple
}

/// How the transceivers of a description are called.
pub(crate) fn mids(sdp: &str) -> impl Iterator<Item = &str> {
    sdp.lines().filter_map(|line| line.strip_prefix("a=mid:"))
}

/// The session's lines, then those of each transceiver.
fn sections(sdp: &str) -> impl Iterator<Item = &str> {
    let starts = sdp.match_indices("\nm=").map(|(at, _)| at + 1);
    let ends = starts.clone().chain([sdp.len()]);
    std::iter::once(0).chain(starts).zip(ends).map(|(start, end)| &sdp[start..end])
}

fn is_candidate(line: &str) -> bool {
    line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates")
}

fn is_transport_feedback(line: &str) -> bool {
    line.starts_with("a=extmap:") && line.contains("transport-wide-cc")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\n\
        m=video 9 X 96\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n\
        a=end-of-candidates\r\na=rid:h send\r\na=simulcast:send h\r\na=rtcp-fb:96 transport-cc\r\na=sendonly\r\n\
        m=audio 9 X 96\r\na=extmap:3 http://x/transport-wide-cc-extensions-01\r\na=rtcp-fb:96 transport-cc\r\n\
        a=rtcp-fb:96 nack\r\na=recvonly\r\n";

    #[test]
    fn what_the_room_does_not_do_is_taken_out() {
        let expected = "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\n\
            m=video 9 X 96\r\na=rid:h send\r\na=simulcast:send h\r\na=rtcp-fb:96 transport-cc\r\na=sendonly\r\n\
            m=audio 9 X 96\r\na=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 nack\r\na=recvonly\r\n";
        assert_eq!(simplify(OFFER), expected);
        assert_eq!(simplify(expected), expected);
    }

    #[test]
    fn any_text_keeps_its_lines() {
        for text in ["", "\n", "m=", "\nm=", "a\nm=b\nm=c", "no newline"] {
            assert_eq!(simplify(text), text);
        }
    }

    #[test]
    fn sessions_and_transceivers_are_read() {
        assert_eq!(session_id(OFFER), Some("42"));
        assert_eq!(session_id("o="), None);
        assert_eq!(count_transceivers(OFFER), 2);
        assert_eq!(mids("a=mid:0\r\na=b\na=mid:x").collect::<Vec<_>>(), ["0", "x"]);
    }
}
