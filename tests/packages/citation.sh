#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# CITATION.cff is valid, as cffconvert judges it. Ends with 77 where pip cannot install that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/lib/install
source scripts/lib/python_with
python_with build/cffconvert-venv cffconvert
build/cffconvert-venv/bin/cffconvert --validate
