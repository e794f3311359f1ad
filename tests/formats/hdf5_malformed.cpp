// SPDX-License-Identifier: MIT
// HDF5 files that are outside of the subset, broken, or made to do harm: each gives one clear error.
#include <ferlab/formats/hdf5.hpp>
#include <ferlab/formats/hdf5_writer.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace ferlab;
using namespace std::string_literals;
using formats::Hdf5File;
using formats::Hdf5Group;
using formats::Hdf5Writer;

namespace {

/// A file with a bit of everything. "array" is written first, the root group last.
std::string good_file() {
  Hdf5Writer writer;
  const float values[] = {1, 2, 3, 4, 5, 6};
  writer.dataset("array", {2, 3}, values);
  writer.dataset("group/inner", {1}, std::span(values).first(1));
  writer.attribute("array", "on", "array");
  writer.attribute("group", "list", std::vector<std::string>{"a", "b"});
  writer.attribute("group", "none", std::vector<std::string>{});
  writer.attribute("group", "long", std::string(65'000, 'x'));
  return writer.bytes();
}

/// `bytes` with `change` at `offset` behind the beginning of the first `mark`.
std::string changed(std::string bytes, std::string_view mark, std::size_t offset, std::string_view change) {
  const std::size_t at = bytes.find(mark);
  REQUIRE(at != std::string::npos);
  return bytes.replace(at + offset, change.size(), change);
}
std::string word(std::uint64_t value) {
  std::string bytes;
  formats::append_little_endian(bytes, value);
  return bytes;
}

// The messages of the first dataset: kind and size, then flags and zeros, then the body.
const std::string dataspace = "\x01\0\x18\0\0\0\0\0\x01\x02"s, datatype = "\x03\0\x18\0\0\0\0\0\x11"s,
                  fill_value = "\x05\0\x08\0\0\0\0\0"s, layout = "\x08\0\x18\0\0\0\0\0\x03\x01"s, attribute = "\x0c\0"s;

/// Reads all there is. Returns the error, or "".
std::string refusal(const std::string& bytes) {
  const auto read = [](const Hdf5File& file, const Hdf5Group& group, auto&& self) -> void {
    for (const char* name : {"list", "none", "long"}) group.attribute(name);
    for (const std::string& name : group.names()) {
      if (const auto below = group.group(name)) {
        self(file, *below, self);
        continue;
      }
      const auto dataset = group.dataset(name);
      dataset->attribute("on");
      std::vector<float> values(dataset->elements());
      formats::convert(file, *dataset, std::span<float>(values));
    }
  };
  try {
    const Hdf5File file(bytes, "file");
    read(file, file.root(), read);
    return "";
  } catch (const FormatError& error) {
    return error.what();
  }
}

const std::string cure = ": save it again with Keras, or rewrite it with h5repack --layout=CONTI --filter=NONE";

}  // namespace

TEST_CASE("the file that the others are made of is right") { CHECK(refusal(good_file()) == ""); }

TEST_CASE("what is no HDF5 file says how it begins") {
  CHECK(refusal("") == "file: not an HDF5 file: it begins with \"\"");
  CHECK(refusal("version https://git-lfs.github.com/spec/v1\n") ==
        "file: not an HDF5 file: it begins with \"version https://git-lfs.\"");
}

TEST_CASE("a file that is cut anywhere is refused") {
  const std::string whole = good_file();
  for (std::size_t size = 0; size < whole.size(); size += size < 3000 ? 1 : 997) {
    CAPTURE(size);
    CHECK(refusal(whole.substr(0, size)) != "");
  }
  CHECK(refusal(whole.substr(0, 5000)) ==
        "file: cut short: it has 5000 bytes, and says that it has " + std::to_string(whole.size()));
}

TEST_CASE("what Keras does not write is refused by its name") {
  const std::string good = good_file();
  CHECK(refusal(std::string(512, '\0') + good) ==
        "file: an HDF5 file behind a user block of 512 bytes: save it again with Keras");
  CHECK(refusal(changed(good, "\x89HDF", 8, "\3")) ==
        "file: HDF5's superblock of version 3, of its newer format" + cure);
  CHECK(refusal(changed(good, "\x89HDF", 13, "\4")) ==
        "file: HDF5 with addresses of 4 and lengths of 8 bytes, expected 8");
  CHECK(refusal(changed(good, "\x89HDF", 24, "\1")) == "file: HDF5 with a base address, expected 0");
  CHECK(refusal(changed(good, layout, 9, "\2")) == "file: /array: its data are chunked, expected contiguous" + cure);
  CHECK(refusal(changed(good, layout, 9, "\0"s)) == "file: /array: its data are compact, expected contiguous" + cure);
  CHECK(refusal(changed(good, layout, 8, "\4\3")) ==
        "file: /array: virtual data, which lie in other files, are not read");
  CHECK(refusal(changed(good, layout, 8, "\1")) == "file: /array: its layout is of version 1, expected 3" + cure);
  CHECK(refusal(changed(good, fill_value, 0, "\x0b")) ==
        "file: /array: its data are filtered (compressed), expected plain" + cure);
  CHECK(refusal(changed(good, fill_value, 0, "\7")) ==
        "file: /array: external data, which lie in other files, are not read");
  CHECK(refusal(changed(good, datatype, 9, "\x21")) ==
        "file: /array: its numbers are big-endian, expected little-endian: save it again with Keras");
  CHECK(refusal(changed(good, datatype, 8, "\x16")) ==
        "file: /array: its type is compound, expected numbers or strings");
  CHECK(refusal(changed(good, datatype, 8, "\x13")) == "file: /array: its elements are strings, expected numbers");
  for (const auto& [at, change] :
       {std::pair(9, "\x10"), std::pair(10, "\x1e"), std::pair(16, "\1"), std::pair(18, "\x1f"), std::pair(20, "\x16"),
        std::pair(21, "\7"), std::pair(22, "\1"), std::pair(23, "\x16"), std::pair(24, "\x80")})
    CHECK(refusal(changed(good, datatype, std::size_t(at), change)) ==
          "file: /array: floating-point numbers of an unknown kind, of 4 bytes");
  CHECK(refusal(changed(good, datatype, 12, "\3")) ==
        "file: /array: floating-point numbers of an unknown kind, of 3 bytes");
  CHECK(refusal(changed(good, datatype, 4, "\2")) ==
        "file: /array: its datatype is a committed (shared) one, expected its own: save it again with Keras");
  CHECK(refusal(changed(good, attribute, 4, "\2")) ==
        "file: /array: one of its attributes is a shared one: save it again with Keras");
  CHECK(refusal(changed(good, attribute, 0, "\x15")) ==
        "file: /array: its attributes are of HDF5's newer format" + cure);
  CHECK(refusal(changed(good, attribute, 0, "\x02")) == "file: /array: a group of HDF5's newer format" + cure);
  CHECK(refusal(changed(changed(good, attribute, 8, "\1\x08\x40"), attribute, 0, "\x06")) ==
        "file: /array: the group holds an external link");
}

TEST_CASE("shapes are checked before anything is read") {
  const std::string good = good_file();
  CHECK(refusal(changed(good, dataspace, 16, word(1) + word(6))) == "");
  CHECK(refusal(changed(good, dataspace, 16, word(1 << 20) + word(1 << 20))) ==
        "file: /array: its shape [1048576, 1048576] needs 4398046511104 bytes, the file has " +
            std::to_string(good.size()));
  CHECK(refusal(changed(good, dataspace, 16, word(1ull << 32) + word(1ull << 32))) ==
        "file: /array: the size of its shape [4294967296, 4294967296] overflows");
  CHECK(refusal(changed(good, dataspace, 16, word(0) + word(~0ull))) ==
        "file: /array: the size of its shape [0, 18446744073709551615] overflows");
  CHECK(refusal(changed(good, dataspace, 16, word(2) + word(4))) ==
        "file: /array: its shape needs 32 bytes, it has 24");
  CHECK(refusal(changed(good, dataspace, 9, "\x21")) ==
        "file: /array: its shape has 33 dimensions, expected at most 32");
  CHECK(refusal(changed(good, dataspace, 9, "\x03")) == "file: /array: its dataspace is cut short");
  CHECK(refusal(changed(good, layout, 10, word(~0ull))) == "file: /array: its 24 bytes are not stored in the file");
  CHECK(refusal(changed(good, layout, 10, word(good.size() - 23))) ==
        "file: /array: its data lies outside the file: 24 bytes from byte " + std::to_string(good.size() - 23) +
            " on, the file has " + std::to_string(good.size()));
}

TEST_CASE("groups form a tree") {
  const std::string good = good_file();
  // The root's list of names is the last: 8 bytes, then 40 of "array", 40 of "group".
  const std::size_t names = good.rfind("SNOD") + 8;
  const auto with = [&](std::size_t at, const std::string& change) {
    std::string bytes = good;
    return bytes.replace(names + at, change.size(), change);
  };
  const std::string root = good.substr(64, 8), array = good.substr(names + 8, 8), group = good.substr(names + 48, 8);
  CHECK(refusal(with(48, array)) == "");  // an array may have two names
  CHECK(refusal(with(48, root)) == "file: /group: the group is linked twice, here and elsewhere: perhaps a loop");
  CHECK(refusal(with(8, group)) == "file: /group: the group is linked twice, here and elsewhere: perhaps a loop");
  CHECK(refusal(with(16, word(2))) == "file: /array: a soft link, expected what it leads to: save it again with Keras");
  CHECK(refusal(with(40, good.substr(names, 8))) == "file: /: its names are out of order at \"array\"");
  CHECK(refusal(with(0, word(0))) == "file: /: a name in it cannot be one: \"\"");
  CHECK(refusal(with(0, word(1 << 20))) == "file: /: a name in it has no end, or is longer than 255");
  CHECK(refusal(with(8, word(good.size() - 8))) ==
        "file: /array: its object header lies outside the file: 16 bytes from byte " + std::to_string(good.size() - 8) +
            " on, the file has " + std::to_string(good.size()));

  const std::size_t tree = good.rfind("TREE");
  const auto with_tree = [&](std::size_t at, const std::string& change) {
    std::string bytes = good;
    return bytes.replace(tree + at, change.size(), change);
  };
  CHECK(refusal(with_tree(0, "TREF")) == "file: /: its tree does not begin with TREE");
  CHECK(refusal(with_tree(4, "\1")) == "file: /: its tree is not one of names");
  // A node that is its own child: the levels would have to fall for ever.
  CHECK(refusal(with_tree(5, "\1").replace(tree + 32, 8, word(tree))) == "file: /: its tree is of uneven depth");
  CHECK(refusal(with_tree(6, "\xff\xff")) != "");
}

TEST_CASE("a small file cannot make much work") {
  // A tree of 200 levels, each node with the next one as all of its 32 children: 32^200 leaves.
  std::string bytes = good_file();
  const std::size_t tree = bytes.rfind("TREE");
  const std::uint64_t first = bytes.size();
  for (std::uint64_t level = 0; level < 200; ++level) {
    const std::uint64_t at = bytes.size(), child = level + 1 < 200 ? at + 24 + 8 * 65 : std::uint64_t(tree);
    bytes += "TREE\0"s + char(200 - level) + "\x20\0"s + word(~0ull) + word(~0ull);
    for (int i = 0; i < 32; ++i) bytes += word(0) + word(child);
    bytes += word(0);
  }
  bytes.replace(tree + 6, 2, "\0\0"s);  // no leaf has a name, so that none is out of order
  const std::size_t table = bytes.rfind(word(tree) + bytes.substr(88, 8), first);
  bytes.replace(table, 8, word(first));
  bytes.replace(40, 8, word(bytes.size()));
  CHECK(refusal(bytes) == "file: /: the file has more than 2^20 names and messages");
}

TEST_CASE("groups are nested to a certain depth only") {
  Hdf5Writer writer;
  std::string path;
  for (int i = 0; i < 32; ++i) path += "/g";
  writer.group(path);
  CHECK(refusal(writer.bytes()) == "");
  writer.group(path + "/g");
  CHECK(refusal(writer.bytes()) == "file: " + path + "/g: groups are nested deeper than 32");
}

TEST_CASE("object headers that go on where they have been are read once") {
  // A header whose only block says that it goes on there.
  const std::string good = good_file();
  const std::size_t at = good.find(dataspace);
  const std::string loop = changed(good, dataspace, 0, "\x10\0\x18\0\0\0\0\0"s + word(at) + word(80));
  CHECK(refusal(loop) == "file: /array: expected a dataset, but it has no dataspace");
  CHECK(refusal(changed(good, dataspace, 0, "\x10\0\x18\0\0\0\0\0"s + word(at) + word(1 << 20))) ==
        "file: /array: its object header lies outside the file: 1048576 bytes from byte " + std::to_string(at) +
            " on, the file has " + std::to_string(good.size()));
  CHECK(refusal(changed(good, datatype, 2, "\xff\xff")) == "file: /array: its object header is cut short");
  CHECK(refusal(changed(good, dataspace, -16, "OHDR")) ==
        "file: /array: an object header of HDF5's newer format" + cure);
  CHECK(refusal(changed(good, dataspace, -16, "\2")) ==
        "file: /array: its object header is of version 2, expected 1" + cure);
  CHECK(refusal(changed(good, fill_value, 0, "\x08")) == "file: /array: its header has two messages of kind 8");
}

TEST_CASE("texts lie inside their heap") {
  const std::string good = good_file();
  const std::size_t heap = good.find("GCOL");
  const std::string reference = "\xe8\xfd\0\0"s + word(heap);  // 65,000 bytes of that heap
  const std::string where = "file: /group: attribute \"long\": ";
  CHECK(refusal(changed(good, reference, 0, "\xe9\xfd"s)) == where + "one of its strings is not in its heap");
  CHECK(refusal(changed(good, reference, 12, "\2")) == where + "one of its strings is not in its heap");
  CHECK(refusal(changed(good, reference, 4, word(heap + 1))) == where + "its global heap does not begin with GCOL");
  CHECK(refusal(changed(good, reference, 4, word(~0ull))) ==
        where + "its global heap lies outside the file: 16 bytes from byte 18446744073709551615 on, the file has " +
            std::to_string(good.size()));
  CHECK(refusal(changed(good, "GCOL", 8, word(1 << 20))) == where + "its global heaps are larger than the file");
  CHECK(refusal(changed(good, "GCOL", 24, word(~0ull))) == where + "its global heap is cut short");
  CHECK(refusal(changed(good, "GCOL", 8, word(8))) == where + "its global heap is cut short");
  // Without a length there is nothing to look for.
  CHECK(refusal(changed(good, reference, 0, "\0\0\0\0"s + word(~0ull))) == "");
}

TEST_CASE("many texts that share bytes are not more than the file") {
  Hdf5Writer writer;
  writer.attribute("/", "long", std::string(100'000, 'x'));
  writer.attribute("/", "list", std::vector<std::string>(100, std::string(16, '.')));
  std::string bytes = writer.bytes();
  const std::size_t heap = bytes.find("GCOL"), texts = bytes.find(std::string(1600, '.'));
  const std::string one = "\xa0\x86\x01\0"s + word(heap) + "\1\0\0\0"s;  // 100,000 bytes
  for (std::size_t i = 0; i < 100; ++i) bytes.replace(texts + 16 * i, 16, one);
  // The type of the list: before its shape, which is before its data.
  bytes.replace(texts - 24, 8, "\x19\1\0\0\x10\0\0\0"s);
  CHECK(refusal(bytes) == "file: /: attribute \"list\": its strings are longer than the file");
}

TEST_CASE("attributes lie inside their message") {
  const std::string good = good_file();
  const std::string where = "file: /array: attribute \"on\": ";
  CHECK(refusal(changed(good, attribute, 8, "\3")) == where + "its message is of version 3, expected 1" + cure);
  CHECK(refusal(changed(good, attribute, 10, "\xff\xff")) == where + "its message is cut short");
  CHECK(refusal(changed(good, attribute, 12, "\xff\xff")) == where + "its message is cut short");
  CHECK(refusal(changed(good, attribute, 28, "\x30")) == where + "its shape [] is larger than its data of 8 bytes");
}

TEST_CASE("any byte of a file may be another") {
  Hdf5Writer writer;
  const float values[] = {1, 2};
  writer.dataset("group/array", {2}, values);
  writer.attribute("group", "list", std::vector<std::string>{"a", "b"});
  const std::string good = writer.bytes();
  std::size_t read = 0;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const int change : {1, 2, 16, 128, 255}) {
      std::string bytes = good;
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      const std::string error = refusal(bytes);
      CHECK((error.empty() || error.starts_with("file: ")));
      read += error.empty();
    }
  CHECK(read > 0);
  CHECK(read < 5 * good.size());
}
