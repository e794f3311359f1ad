#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# conan.sh FOLDER: Conan, without network, makes the package of conanfile.py by its default profile, and a program uses it.
# Ends with 77 where pip cannot install Conan.
set -euo pipefail
folder=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/lib/install
source scripts/lib/python_with
python_with build/conan-venv conan

conan=build/conan-venv/bin/conan
export CONAN_HOME=$folder/home
rm -rf "$folder"
$conan profile detect
$conan remote disable '*'
create() { $conan create . --build=missing -c tools.cmake.cmake_layout:test_folder="$folder/test" "$@"; }
create
create -s build_type=Debug -s compiler.cppstd=23 --test-folder= 2>&1 | tee "$folder/log"
grep -q 'Already installed' "$folder/log" || fail "another profile should find the same package"

if create -s compiler=gcc -s compiler.version=11 >"$folder/log" 2>&1; then fail "g++ 11 should be refused"; fi
grep -q 'ferlab needs gcc 12 or newer, got 11' "$folder/log" || { cat "$folder/log"; fail "g++ 11 should be refused clearly"; }
