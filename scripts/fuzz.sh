#!/usr/bin/env bash
# Runs the fuzz targets one after the other, each from the seeds that are kept
# and from what earlier runs found. `scripts/fuzz.sh demux streams` runs these.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "fuzzing needs a nightly toolchain: rustup toolchain install nightly" >&2
  exit 1
fi
if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
  echo "fuzzing needs cargo-fuzz: cargo install cargo-fuzz --locked" >&2
  exit 1
fi

seconds="${FUZZ_SECONDS:-60}"
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(cargo +nightly fuzz list)
fi
for target in "${targets[@]}"; do
  echo "fuzzing $target for $seconds s"
  mkdir -p "corpus/$target" "seeds/$target"
  # The second folder is only read: what is found goes to the first. Without the
  # address sanitizer: there is no unsafe code of ours, and it takes half the speed.
  cargo +nightly fuzz run --sanitizer none "$target" "corpus/$target" "seeds/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=32768 -print_final_stats=1
done
