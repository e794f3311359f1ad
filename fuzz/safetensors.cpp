// SPDX-License-Identifier: MIT
// The safetensors reader on any bytes: it gives a FormatError, or tensors that lie inside the file, cover its data, and
// can be read to the last element.
#include <ferlab/formats/safetensors.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace ferlab;

static void require(bool truth) {
  if (!truth) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const formats::SafetensorsFile file(text, "fuzz.file");
    std::size_t total = 0;
    for (const formats::TensorView& tensor : file.tensors()) {
      const auto* begin = static_cast<const char*>(tensor.data);
      require(begin >= text.data() + 8 && begin <= text.data() + text.size());
      require(tensor.bytes() <= std::size_t(text.data() + text.size() - begin));
      require(file.find(tensor.name) == &tensor && &file.require(tensor.name, tensor.shape) == &tensor);
      total += tensor.bytes();
      std::vector<float> values(tensor.elements());
      try {
        formats::convert(file, tensor, std::span<float>(values));
      } catch (const FormatError&) {
        require(formats::info(tensor.dtype).name.find('F') == std::string_view::npos);
      }
    }
    require(total < size);
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).substr(0, 9) == "fuzz.file");
  }
  return 0;
}
