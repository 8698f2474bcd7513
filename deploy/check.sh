#!/usr/bin/env bash
# The one list of checks that people and CI run. Installs what is missing (protoc, an etcd server, a Python environment
# with TensorFlow), then: format, one build for demo and tests, lints, documentation, Rust tests, Python tests, user guide, benchmarks.
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

step "install what is missing" setup_test
step "format" cargo fmt --all --check
step "build" build
step "lints" cargo clippy --release --locked --workspace --all-targets -- -D warnings
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --quiet
export MANGONEL_BINARY=$mangonel MANGONEL_PYTHON=$venv/bin/python
step "Rust tests" cargo test --release --locked --workspace --quiet
step "Python tests" env PYTHONPATH="$root/client/python/src" "$MANGONEL_PYTHON" -m pytest -q "$root/client/python/tests"
step "user guide as a site" env MANGONEL_BINARY="$mangonel" "$root/deploy/docs.sh"
step "user guide, every block" "$MANGONEL_PYTHON" -m pytest -q "$root/tests/guide"
step "benchmarks at a tiny size" "$MANGONEL_PYTHON" "$root/benchmarks/run.py" smoke

say "all checks passed in $SECONDS s"
printf '    %s\n' "${summary[@]}" >&2
