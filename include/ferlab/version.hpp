// SPDX-License-Identifier: MIT
#pragma once

// The one place where the version stands; CMake reads it from here.
#define FERLAB_VERSION_MAJOR 0
#define FERLAB_VERSION_MINOR 1
#define FERLAB_VERSION_PATCH 0
#define FERLAB_VERSION "0.1.0"
