#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/fer2013 with stand-ins for cmake and for the program that it builds: what it asks the program for.
set -uo pipefail
scripts=$(dirname "${BASH_SOURCE[0]}")/../../scripts
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
failures=0
mkdir -p "$stage/bin" "$stage/tree/build/fer2013/examples/fer2013" "$stage/work"
cp -r "$scripts" "$stage/tree/"
printf '#!/bin/sh\nexit 0\n' >"$stage/bin/cmake"
printf '#!/bin/sh\n[ "$1" = -dumpversion ] && echo 12\n' >"$stage/bin/g++"
printf '#!/bin/sh\n[ "${!#}" != none ] && printf installed\n' | sed 's/sh/usr\/bin\/env bash/' >"$stage/bin/dpkg-query"
printf '#!/bin/sh\nprintf "program:"; printf " [%%s]" "$@"; echo\n' >"$stage/tree/build/fer2013/examples/fer2013/fer2013"
chmod +x "$stage"/bin/* "$stage/tree/build/fer2013/examples/fer2013/fer2013"
touch "$stage/work/my faces.csv"

# run WORDS...: what the script prints, the stage's path as STAGE.
run() { (cd "$stage/work" && PATH=$stage/bin:$PATH "$stage/tree/scripts/fer2013" "$@" 2>&1) | sed "s|$stage|STAGE|g"; }
# expect NAME TEXT WORDS...: TEXT stands in what the script prints.
expect() {
  local said
  said=$(run "${@:3}")
  if [[ $said != *"$2"* ]]; then
    printf 'FAILED: %s\nexpected: %s\ngot:\n%s\n\n' "$1" "$2" "$said"
    failures=$((failures + 1))
  fi
}

expect "drawn faces" "program: [train] [--output] [STAGE/work/runs/fer2013]"
expect "drawn faces: what is next" "scripts/fer2013 fer2013.csv"
expect "a CSV" "program: [train] [--data] [STAGE/work/my faces.csv] [--output] [STAGE/work/runs/fer2013]" "my faces.csv"
expect "a CSV: its weights are shown" "demo --model STAGE/work/runs/fer2013/best.safetensors" "my faces.csv"
expect "--output is given once" "program: [train] [--data] [STAGE/work/my faces.csv] [--output] [STAGE/work/a b] [--epochs] [5]" \
  "my faces.csv" --epochs 5 --output "a b"
expect "--output=" "program: [train] [--output] [STAGE/work/x] [--quiet]" --output=x --quiet
expect "--data" "demo --model STAGE/work/runs/fer2013/best.safetensors" --data "my faces.csv"
expect "no such file" "cannot read none.csv" none.csv
expect "help" "scripts/fer2013 fer2013.csv" --help

[[ $failures == 0 ]] && echo "all as expected"
exit "$failures"
