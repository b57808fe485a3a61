#!/usr/bin/env bash
# Sees to it that a tool is there: installs Debian's package when this is
# Debian and we are root, else says in one line what to install.
#   scripts/need.sh rust node chromium postgres python janus valgrind
set -euo pipefail

fail() {
  echo "parlor: $1" >&2
  exit 1
}

install() { # install <what it is for> <package>...
  local purpose=$1
  shift
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    fail "$purpose needs $*: sudo apt-get install $*"
  fi
  echo "installing $* ($purpose)"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need_rust() {
  command -v cargo >/dev/null || fail "Rust is missing: install it with rustup (https://rustup.rs)"
  command -v cc >/dev/null || install "building the bundled C libraries" build-essential
  command -v cmake >/dev/null || install "building the crypto library" cmake
}

need_node() {
  command -v node >/dev/null || fail "Node is missing: install Node 20.19 or newer (https://nodejs.org), or 'make build-api' for the API alone"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node $(node --version) is too old: install 20.19 or newer, or 'make build-api' for the API alone"
}

need_chromium() {
  local browser=${CHROMIUM:-/usr/bin/chromium}
  [[ -x $browser ]] || install "the browser tests" chromium fonts-liberation
}

need_postgres() {
  [[ ${PARLOR_TEST_POSTGRES:-} == off ]] && return
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || install "checking the SQL on PostgreSQL" postgresql
}

need_python() {
  command -v python3 >/dev/null || install "the Python clients" python3 python3-venv
  python3 -c 'import ensurepip, venv' 2>/dev/null || install "the Python clients" python3-venv
}

need_janus() {
  command -v janus >/dev/null || install "the comparison with Janus (JANUS=off goes without)" janus
}

need_valgrind() {
  command -v valgrind >/dev/null || install "counting instructions" valgrind
}

for tool in "$@"; do
  "need_$tool"
done
