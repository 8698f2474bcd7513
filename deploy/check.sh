#!/usr/bin/env bash
# The one list of checks that people and CI run. Installs what is missing (protoc, an etcd server, a Python environment
# with TensorFlow), then: format, one build for demo and tests, lints, documentation, Rust tests, Python tests, benchmarks.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$root"

declare -a summary=()
step() { # step NAME COMMAND...: runs it, remembers how long it took, stops at the first failure.
    local name=$1 started=$SECONDS
    shift
    say "$name"
    "$@"
    summary+=("$(printf '%-34s %4d s' "$name" $((SECONDS - started)))")
}

# start_etcd: a server for the catalog's own tests (one of them compacts it), gone when this script ends. Without it those
# tests would return at once and still count as passed.
start_etcd() {
    local folder client peer
    folder=$(mktemp -d)
    read -r client peer < <(python3 -c 'import socket
ends = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(end.getsockname()[1] for end in ends))')
    MANGONEL_TEST_ETCD_BINARY=$(command -v etcd || echo /usr/bin/etcd)
    "$MANGONEL_TEST_ETCD_BINARY" --data-dir "$folder/data" --listen-client-urls "http://127.0.0.1:$client" \
        --advertise-client-urls "http://127.0.0.1:$client" --listen-peer-urls "http://127.0.0.1:$peer" \
        --initial-advertise-peer-urls "http://127.0.0.1:$peer" --initial-cluster "default=http://127.0.0.1:$peer" \
        >"$folder/log" 2>&1 &
    # shellcheck disable=SC2064  # the values of now
    trap "kill $! 2>/dev/null; rm -rf '$folder'" EXIT
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$client") 2>/dev/null; then
            export MANGONEL_TEST_ETCD=127.0.0.1:$client MANGONEL_TEST_ETCD_BINARY
            return
        fi
        sleep 0.1
    done
    say "etcd did not start:"
    cat "$folder/log" >&2
    return 1
}

step "install what is missing" setup_test
step "format" cargo fmt --all --check
step "build" build
step "lints" cargo clippy --release --locked --workspace --all-targets -- -D warnings
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --quiet
export MANGONEL_BINARY=$mangonel MANGONEL_PYTHON=$venv/bin/python
start_etcd
step "Rust tests" cargo test --release --locked --workspace --quiet
step "Python tests" env PYTHONPATH="$root/client/python/src" "$MANGONEL_PYTHON" -m pytest -q "$root/client/python/tests"
step "benchmarks at a tiny size" "$MANGONEL_PYTHON" "$root/benchmarks/run.py" smoke

say "all checks passed in $SECONDS s"
printf '    %s\n' "${summary[@]}" >&2
