# SPDX-License-Identifier: MIT
"""ferlab as a Conan 2 package: `conan create .`"""
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeToolchain
from conan.tools.files import load

OLDEST = {"gcc": 12, "clang": 16}


class Ferlab(ConanFile):
    name = "ferlab"
    description = "A header-only C++20 deep-learning library"
    license = "MIT"
    topics = ("deep-learning", "neural-network", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True
    exports_sources = "CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "kernels/*"
    test_package_folder = "tests/packages/conan"

    def set_version(self):
        text = load(self, f"{self.recipe_folder}/include/ferlab/version.hpp")
        self.version = re.search(r'define FERLAB_VERSION "(.*)"', text)[1]

    def validate(self):
        if self.settings.os == "Windows":
            raise ConanInvalidConfiguration("ferlab needs a POSIX system")
        compiler, version = str(self.settings.compiler), str(self.settings.compiler.version)
        if compiler in OLDEST and int(version.split(".")[0]) < OLDEST[compiler]:
            raise ConanInvalidConfiguration(f"ferlab needs {compiler} {OLDEST[compiler]} or newer, got {version}")

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in ("EXAMPLES", "TESTS", "BENCHES", "CUDA"):
            toolchain.cache_variables[f"FERLAB_{part}"] = False
        toolchain.generate()

    def build(self):
        CMake(self).configure()

    def package(self):
        CMake(self).install()

    def package_id(self):
        self.info.clear()  # the same headers for everybody

    def package_info(self):
        # find_package finds ferlab's own package, which has the components and asks for C++20.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["share/cmake/ferlab"]
        self.cpp_info.bindirs = self.cpp_info.libdirs = []
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread"]
