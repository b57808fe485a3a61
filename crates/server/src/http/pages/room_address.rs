//! Which paths are rooms: `/<room>`, and its alias `/<own host>/<room>`, which
//! daily-js makes of a room's URL when its frame mode goes through a proxy.

use parlor_model::room_name::RESERVED;
use percent_encoding::percent_decode_str;

use crate::origin::Origin;

/// A path that names a room, whether or not there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoomAddress {
    /// The room's name as it was sent, decoded.
    pub(super) room: String,
}

impl RoomAddress {
    /// The room that a (normalised) path names on the server at `origin`.
    pub(super) fn of(path: &str, origin: Origin<'_>) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let segment = match path.split_once('/') {
            None => path,
            Some((host, rest)) if origin.is_own(host) && !rest.contains('/') => rest,
            Some(_) => return None,
        };
        let room = percent_decode_str(segment).decode_utf8().ok()?;
        let is_room = !room.is_empty() && !RESERVED.contains(&room.as_ref());
        is_room.then(|| Self { room: room.into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, RoomAddress};

    fn room(path: &str) -> Option<String> {
        RoomAddress::of(path, Origin::of("https://meet.example.org:8443"))
            .map(|address| address.room)
    }

    #[test]
    fn a_room_is_one_segment_or_one_behind_our_own_host() {
        assert_eq!(room("/standup").as_deref(), Some("standup"));
        assert_eq!(room("/meet.example.org:8443/standup").as_deref(), Some("standup"));
        assert_eq!(room("/acme.meet.example.org:8443/standup").as_deref(), Some("standup"));
        assert_eq!(room("/st%61ndup").as_deref(), Some("standup"));
    }

    #[test]
    fn addresses_of_the_server_and_other_hosts_are_no_rooms() {
        for path in
            ["/", "/v1", "/dashboard", "/other.example.org/standup", "/v1/standup", "/a/b/c"]
        {
            assert_eq!(room(path), None, "{path}");
        }
    }
}
