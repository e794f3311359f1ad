#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# pkg_config.sh BUILD FOLDER VERSION: installs BUILD below FOLDER, moves what is installed, and $CXX finds it there by
# pkg-config alone.
set -euo pipefail
build=$1 folder=$2 version=$3
small=$(dirname "${BASH_SOURCE[0]}")/small.cpp
rm -rf "$folder"
cmake --install "$build" --prefix "$folder/first" >/dev/null
mv "$folder/first" "$folder/moved"

export PKG_CONFIG_PATH=$folder/moved/share/pkgconfig
pkg-config --print-errors "ferlab = $version"
read -ra flags <<<"$(pkg-config --cflags --libs ferlab)"
"$CXX" -std=c++20 "$small" "${flags[@]}" -o "$folder/small"
"$folder/small"
