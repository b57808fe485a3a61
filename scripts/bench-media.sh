#!/usr/bin/env bash
# The media figures of docs/performance.md: our server, Debian's Janus and, when
# LIVEKIT_SERVER names a binary, LiveKit, in turn, under the same load. With
# BEFORE=PATH another binary of ours beside them. Further arguments go to
# `parlor-load table`; `scripts/bench-media.sh run meeting …` runs scenarios.
#
# Everything is in a network namespace of its own, which has loopback and one
# address that is not loopback (Janus takes no other): no packet leaves it.
set -euo pipefail
cd "$(dirname "$0")/.."

address=10.77.0.1
if [[ ${1:-} == --inside ]]; then
  shift
  ip link set lo up
  for kind in dummy bridge; do
    ip link add load0 type "$kind" 2>/dev/null && break
  done
  ip address add "$address/24" dev load0
  ip link set load0 up
  exec "${PARLOR_LOAD:-target/release/parlor-load}" "$@"
fi

order=table
if [[ ${1:-} == run || ${1:-} == table ]]; then
  order=$1
  shift
fi
servers=(--server "ours=${PARLOR_BIN:-target/release/parlor}")
[[ -z ${BEFORE:-} ]] || servers+=(--server "before=$BEFORE")
if [[ ${JANUS:-on} != off ]]; then
  scripts/need.sh janus
  servers+=(--server janus)
fi
if [[ -n ${LIVEKIT_SERVER:-} ]]; then
  servers+=(--server "livekit=$LIVEKIT_SERVER")
elif [[ $order == table ]]; then
  echo "without LiveKit: LIVEKIT_SERVER=PATH names its binary (docs/performance.md says how to build one)"
fi

# As root the namespace is made at once, else in a user namespace of one's own.
isolate=(unshare --net)
[[ $(id -u) == 0 ]] || isolate=(unshare --map-root-user --net)
exec "${isolate[@]}" "$0" --inside "$order" "${servers[@]}" --ip "$address" "$@"
