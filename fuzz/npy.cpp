// SPDX-License-Identifier: MIT
// The reader of numpy's files on any bytes, as .npy and as .npz: it gives a FormatError, or arrays whose bytes are as
// many as their shapes say.
#include <ferlab/formats/npy.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace ferlab;

static void require(bool truth) {
  if (!truth) std::abort();
}

static void check(const formats::NpyArray& array) {
  require(array.bytes.size() == array.elements() * formats::info(array.dtype).size);
  // What was read can be written and read again.
  const formats::TensorView view{"", array.dtype, array.shape, array.bytes.data()};
  const formats::NpyArray again = formats::decode_npy(formats::detail::npy_header(view) + array.bytes, "again");
  require(again.dtype == array.dtype && again.shape == array.shape && again.bytes == array.bytes);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    if (formats::ZipFile::looks_like_zip(bytes))
      for (const auto& [name, array] : formats::read_npz(formats::ZipFile(bytes, "fuzz.file"))) check(array);
    else
      check(formats::decode_npy(bytes, "fuzz.file"));
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).substr(0, 11) == "fuzz.file: ");
  }
  return 0;
}
