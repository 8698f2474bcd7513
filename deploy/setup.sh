#!/usr/bin/env bash
# Installs what is missing, and nothing that is there. Sourced by demo.sh and check.sh, or run by hand:
#   deploy/setup.sh build     a C compiler and protoc, for building
#   deploy/setup.sh test      also an etcd server and a Python environment with TensorFlow, for the checks
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${MANGONEL_VENV:-$root/target/venv}

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# apt_install PACKAGE...: as root or through sudo; says what to do by hand where neither works.
apt_install() {
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { say "please install: $*"; exit 1; }
        sudo=(sudo)
    fi
    if [ -z "${apt_updated:-}" ]; then
        "${sudo[@]}" apt-get update -qq
        apt_updated=1
    fi
    say "installing $*"
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

setup_build() {
    command -v cargo >/dev/null || { say "please install Rust (https://rustup.rs)"; exit 1; }
    { command -v cc && command -v make; } >/dev/null || apt_install build-essential
    # Both the compiler and Google's own .proto files, which Debian has in another package.
    protoc_works || apt_install protobuf-compiler libprotobuf-dev
}

protoc_works() {
    local folder works=0
    folder=$(mktemp -d)
    echo 'syntax = "proto3"; import "google/protobuf/descriptor.proto";' >"$folder/try.proto"
    protoc -I"$folder" --descriptor_set_out=/dev/null "$folder/try.proto" >/dev/null 2>&1 || works=1
    rm -rf "$folder"
    return $works
}

# python_environment FOLDER REQUIREMENTS: makes it, and again when what it needs has changed.
python_environment() {
    if [ ! -e "$1/.ready" ] || ! cmp -s "$1/.ready" "$2"; then
        command -v python3 >/dev/null || apt_install python3
        python3 -m venv "$1" 2>/dev/null || { apt_install python3-venv; python3 -m venv "$1"; }
        say "installing a Python environment into $1"
        "$1/bin/pip" install -q --disable-pip-version-check -r "$2"
        cp "$2" "$1/.ready"
    fi
}

setup_test() {
    setup_build
    # Debian starts the service on installation; policy-rc.d keeps it from that, since tests start servers of their own.
    if [ ! -x /usr/bin/etcd ] && ! command -v etcd >/dev/null; then
        apt_install etcd-server
        { command -v service >/dev/null && service etcd stop; } >/dev/null 2>&1 || true
    fi
    python_environment "$venv" "$root/tests/requirements.txt"
}

# build: the one build that demo, tests and CI share: the whole workspace, so that every selection has the same features.
build() {
    say "building (the first time takes about half an hour on two cores)"
    cargo build --release --locked --workspace --bin mangonel --manifest-path "$root/Cargo.toml"
    mangonel=${CARGO_TARGET_DIR:-$root/target}/release/mangonel
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    case "${1:-}" in
        build) setup_build ;;
        test) setup_test ;;
        *) sed -n '2,4s/^# //p' "$0"; exit 2 ;;
    esac
fi
