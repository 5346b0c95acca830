#!/usr/bin/env bash
# Compares unpacked trees with GNU tar's at full size: 60,000 small files, 50,000 hard links, a file of 2 GB, and what the
# tests compare anyway. Needs root, some minutes and 10 GB in the temporary directory.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/install-test-packages.sh
npm run build
IMGSTORE_TEST_FULL=1 npx vitest run --dir test --hookTimeout 600000 equals-gnu-tar
