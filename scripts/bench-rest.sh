#!/usr/bin/env bash
# What the REST side costs: start, memory at rest, binary size, CPU of the
# server's process for each kind of request. Figures go to docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=target/release/parlor
data=$(mktemp -d)
ready=$data/ready.json

started=$(date +%s%N)
"$binary" dev --json --listen 127.0.0.1:0 --data "$data/parlor" >"$ready" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$data"' EXIT
until [[ -s $ready ]]; do sleep 0.002; done
url=$(sed -E 's/.*"url":"([^"]+)".*/\1/' "$ready")
key=$(sed -E 's/.*"api_key":"([^"]+)".*/\1/' "$ready")
curl --silent --fail --output /dev/null --header "Authorization: Bearer $key" "$url/v1/"
answered=$(date +%s%N)

echo "start to first 200: $(((answered - started) / 1000000)) ms (curl's own start included)"
echo "memory at rest: $(($(ps -o rss= -p "$pid") / 1024)) MiB"
echo "binary: $(($(stat -c %s "$binary") / 1048576)) MiB"
cargo run --quiet --release --locked --package parlor-server --example bench_http -- \
  --url "$url" --key "$key" --pid "$pid" "$@"
