#!/usr/bin/env bash
# Counts the instructions that a room needs for a delivered packet, an idle
# participant's second and a join, in a simulation that is the same each time,
# and fails when one needs 10 % more than is written down. Instructions, since
# time on a shared machine differs by more than that.
#   scripts/bench-check.sh           compare
#   scripts/bench-check.sh --renew   write down what is counted now
set -euo pipefail
cd "$(dirname "$0")/.."

figures=crates/testkit/instructions.txt
scenarios=(forward-20 forward-100 simulcast audio idle join)
tolerance=10

scripts/need.sh rust valgrind
# Without the link-time optimisation, which takes minutes and would inline what
# the counting looks for.
cargo build --quiet --profile bench --locked --package parlor-testkit --example count
program=target/release/examples/count
counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT

count() { # count <scenario>: instructions for one unit
  local units instructions
  units=$(valgrind --quiet --tool=callgrind --callgrind-out-file="$counts/$1" \
    --collect-atstart=no --toggle-collect='*room_works*' --toggle-collect='*room_flushes*' \
    --zero-before='count::measure*' \
    "$program" "$1")
  instructions=$(awk '/^(summary|totals):/ { n = $2 } END { print n }' "$counts/$1")
  echo $((instructions / units))
}

failed=0
printf '%-12s %10s %10s %8s\n' "" "was" "is" "change"
for scenario in "${scenarios[@]}"; do
  was=$(awk -v name="$scenario" '$1 == name { print $2 }' "$figures" 2>/dev/null || true)
  is=$(count "$scenario")
  echo "$scenario $is" >>"$counts/new"
  change=$(awk -v was="${was:-$is}" -v is="$is" 'BEGIN { printf "%+.1f", (is / was - 1) * 100 }')
  printf '%-12s %10s %10s %7s%%\n' "$scenario" "${was:--}" "$is" "$change"
  if awk -v change="$change" -v most=$tolerance 'BEGIN { exit !(change > most) }'; then
    failed=1
  elif awk -v change="$change" -v most=$tolerance 'BEGIN { exit !(change < -most) }'; then
    echo "  much better: write it down with scripts/bench-check.sh --renew"
  fi
done

if [[ ${1:-} == --renew ]]; then
  {
    echo "# Instructions of a room for one delivered packet (idle: a participant's second; join: a"
    echo "# join). Written by scripts/bench-check.sh --renew; compared by make bench-check."
    cat "$counts/new"
  } >"$figures"
  echo "written to $figures"
elif [[ $failed == 1 ]]; then
  echo "a room needs over $tolerance % more than $figures says: make it cheaper, or say in the" >&2
  echo "commit why not and write it down with scripts/bench-check.sh --renew" >&2
  exit 1
fi
