// SPDX-License-Identifier: MIT
// The zip reader on any bytes: it gives a FormatError, or members of no more bytes than deflate can make of them, which
// can be written and read again. And deflate by itself, without a checksum that the fuzzer would have to meet.
#include <ferlab/formats/inflate.hpp>
#include <ferlab/formats/zip.hpp>
#include <ferlab/formats/zip_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace ferlab;

static void require(bool truth) {
  if (!truth) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const formats::ZipFile file(bytes, "fuzz.file");
    std::size_t total = 0;
    formats::ZipWriter writer;
    for (const std::string& name : file.names()) {
      require(file.contains(name));
      const std::string member = file.read(name);
      require((total += member.size()) <= 1032 * size);
      writer.add(name, member);
    }
    const std::string again = writer.bytes();
    const formats::ZipFile second(again, "again");
    require(second.names() == file.names());
    for (const std::string& name : file.names()) require(second.read(name) == file.read(name));
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).substr(0, 11) == "fuzz.file: ");
  }
  if (size < 2) return 0;
  const std::size_t expected = std::size_t(data[0]) << 8 | data[1];
  std::string out;
  const bool right = formats::inflate(bytes.substr(2), expected, out);
  require(out.size() <= expected && (!right || out.size() == expected));
  return 0;
}
