#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/lib/install on machines that lack things: apt-get and dpkg-query are played by functions and small programs.
set -uo pipefail
library=$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/install
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
failures=0

# play INSTALLED AVAILABLE USER WORDS...: what `need WORDS` prints on a machine with these packages; then what apt-get was asked.
play() {
  local installed=" $1 " available=" $2 " user=$3
  shift 3
  mkdir -p "$stage/bin"
  rm -f "$stage"/bin/* "$stage/log"
  for tool in bash env cat; do ln -s "$(command -v $tool)" "$stage/bin/"; done
  printf '#!%s\necho "apt-get $*" >> %s/log\n' "$(command -v bash)" "$stage" >"$stage/bin/apt-get"
  printf '#!%s\n[[ "%s" == *" ${!#} "* ]] && echo -n installed\n' "$(command -v bash)" "$installed" >"$stage/bin/dpkg-query"
  printf '#!%s\n[[ "%s" == *" ${!#} "* ]]\n' "$(command -v bash)" "$available" >"$stage/bin/apt-cache"
  printf '#!%s\necho %s\n' "$(command -v bash)" "$user" >"$stage/bin/id"
  chmod +x "$stage"/bin/{apt-get,dpkg-query,apt-cache,id}
  (
    set -euo pipefail
    source "$library"
    PATH=$stage/bin
    hash -r
    need "$@"
  ) 2>&1
  echo "status $?"
  cat "$stage/log" 2>/dev/null
}
expect() {  # expect NAME TEXT ACTUAL
  if [[ $3 != "$2" ]]; then
    printf 'FAILED: %s\nexpected:\n%s\ngot:\n%s\n\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}

expect "all there: apt-get is not even called" "status 0" "$(play "catch2 eigen" "" 0 catch2 eigen)"
expect "what is on the PATH is not installed again" "status 0" "$(play "" "" 0 coreutils:cat)"
expect "one missing" "== Missing: eigen
== Installing with apt-get, which may take some minutes: eigen
status 0
apt-get -qq update
apt-get -qq install --yes --no-install-recommends eigen" "$(play "catch2" "eigen" 0 catch2 eigen)"
expect "a command that is missing is installed by its package's name" "== Missing: ninja-build
== Installing with apt-get, which may take some minutes: ninja-build
status 0
apt-get -qq update
apt-get -qq install --yes --no-install-recommends ninja-build" "$(play "" "" 0 ninja-build:ninja)"
expect "an optional package that the system has" "== Installing with apt-get, which may take some minutes: clang-19
status 0
apt-get -qq update
apt-get -qq install --yes --no-install-recommends clang-19" "$(play "" "clang-19" 0 '?clang-19:clang++-19')"
expect "an optional package that the system lacks" "status 0
apt-get -qq update" "$(play "" "" 0 '?clang-19:clang++-19')"
expect "neither root nor sudo: a clear line, no success" "== Missing: eigen
bash: cannot install without root or sudo. As root: apt-get install eigen
status 1" "$(play "" "eigen" 1000 eigen | sed 's/^[^ ]*: cannot/bash: cannot/')"
expect "neither root nor sudo, only optional ones missing: go on" "status 0" "$(play "" "clang-19" 1000 '?clang-19')"

[[ $failures == 0 ]] && echo "all as expected"
exit "$failures"
