#!/usr/bin/env bash
# Builds the guide (docs/) as a site into target/site, from the pages, the binary's help and the docstrings. Installs what is missing.
# MANGONEL_BINARY: the binary to ask; the one of `cargo build --release`, which is built when it is not there, unless given.
#   deploy/docs.sh            builds; warnings are errors
#   deploy/docs.sh serve      builds and shows it at http://127.0.0.1:8000, again after every change
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
venv_docs=${MANGONEL_VENV_DOCS:-$root/target/venv-docs}

python_environment "$venv_docs" "$root/docs/requirements.txt"
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
