#!/usr/bin/env bash
# From a fresh machine to a written training dataset: installs what is missing, builds, and runs the main job.
# Arguments go to `mangonel demo`, such as `--data DIR` or `--teams 100000`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup_build
build
exec "$mangonel" demo "$@"
