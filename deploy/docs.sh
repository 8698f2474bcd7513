#!/usr/bin/env bash
# Builds the guide (docs/) as a site into target/site, from the pages, the binary's help and the docstrings. Installs what is missing.
# MANGONEL_BINARY: the binary to ask; the one of `cargo build --release`, which is built when it is not there, unless given.
#   deploy/docs.sh            builds; warnings are errors
#   deploy/docs.sh serve      builds and shows it at http://127.0.0.1:8000, again after every change
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
venv_docs=${MANGONEL_VENV_DOCS:-$root/target/venv-docs}

setup_docs() {
    if [ ! -e "$venv_docs/.ready" ] || ! cmp -s "$venv_docs/.ready" "$root/docs/requirements.txt"; then
        command -v python3 >/dev/null || apt_install python3
        python3 -m venv "$venv_docs" 2>/dev/null || { apt_install python3-venv; python3 -m venv "$venv_docs"; }
        say "installing what builds the guide into $venv_docs"
        "$venv_docs/bin/pip" install -q --disable-pip-version-check -r "$root/docs/requirements.txt"
        cp "$root/docs/requirements.txt" "$venv_docs/.ready"
    fi
}

setup_docs
if [ -z "${MANGONEL_BINARY:-}" ]; then
    mangonel=${CARGO_TARGET_DIR:-$root/target}/release/mangonel
    if [ ! -x "$mangonel" ]; then
        setup_build
        build
    fi
    export MANGONEL_BINARY=$mangonel
fi
cd "$root"
# The theme's makers warn of a release of mkdocs that is not used here.
export NO_MKDOCS_2_WARNING=1
if [ "${1:-}" = serve ]; then
    exec "$venv_docs/bin/mkdocs" serve -f docs/site/mkdocs.yml
fi
# Not with --quiet: warnings that are not shown are not counted, and --strict finds none.
"$venv_docs/bin/mkdocs" build --clean --strict -f docs/site/mkdocs.yml
say "the guide is in $root/target/site/index.html"
