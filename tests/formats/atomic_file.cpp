// SPDX-License-Identifier: MIT
#include <ferlab/formats/atomic_file.hpp>

#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <string>

#include "formats/failing_files.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::FailingFiles;
using test::read_file;
using test::TemporaryFolder;

namespace {

void save(const std::string& path, std::string_view text) {
  formats::AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

/// save() fails with these words, leaves what was there, and leaves nothing else.
void require_failure(const TemporaryFolder& folder, const std::string& words) {
  const std::string path = folder / "file";
  REQUIRE_THROWS_AS(save(path, "a new text"), IoError);
  REQUIRE_THROWS_WITH(save(path, "a new text"), Catch::Contains(path) && Catch::Contains(words));
  REQUIRE(read_file(path) == "old");
  REQUIRE(folder.files().size() == 1);
}

}  // namespace

TEST_CASE("an AtomicFile is there once it is committed, and not before") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  {
    formats::AtomicFile file(path);
    file.write("one ", 4);
    file.write("two", 3);
    REQUIRE_THROWS(read_file(path));
    file.commit();
    REQUIRE(read_file(path) == "one two");
    REQUIRE_THROWS_AS(file.write("more", 4), IoError);
  }
  save(path, "");
  REQUIRE(read_file(path).empty());
  REQUIRE(folder.files().size() == 1);
}

TEST_CASE("an AtomicFile that is not committed leaves nothing") {
  const TemporaryFolder folder;
  save(folder / "file", "old");
  {
    formats::AtomicFile file(folder / "file");
    file.write("new", 3);
  }
  REQUIRE(read_file(folder / "file") == "old");
  REQUIRE(folder.files().size() == 1);
}

TEST_CASE("an AtomicFile works in the current folder too") {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path);
  save("file", "text");
  std::filesystem::current_path(before);
  REQUIRE(read_file(folder / "file") == "text");
  REQUIRE(formats::detail::parent_folder("/file") == "/");
}

TEST_CASE("short and interrupted writes are gone on with") {
  const TemporaryFolder folder;
  FailingFiles files;
  files.most_a_call = 3;
  files.interruptions = 5;
  save(folder / "file", "a text of several calls");
  REQUIRE(files.interruptions == 0);
  REQUIRE(read_file(folder / "file") == "a text of several calls");
}

TEST_CASE("a full disk, a broken disk and a failed sync leave the old file") {
  const TemporaryFolder folder;
  save(folder / "file", "old");
  FailingFiles files;
  files.room = 5;
  require_failure(folder, "No space left");
  files.write_error = 0;  // write() that writes nothing and names no error
  require_failure(folder, "No space left");
  files.write_error = EIO;
  require_failure(folder, "Input/output error");
  files.room = std::size_t(-1);
  files.fsync_error = EIO;
  require_failure(folder, "cannot sync");
}

TEST_CASE("a path that cannot be written is named") {
  const TemporaryFolder folder;
  const std::string missing = folder / "none/file", inside_file = folder / "file/file", is_folder = folder / "folder";
  test::write_file(folder / "file", "");
  std::filesystem::create_directory(is_folder);
  for (const std::string& path : {missing, inside_file, is_folder}) {
    REQUIRE_THROWS_AS(save(path, "text"), IoError);
    REQUIRE_THROWS_WITH(save(path, "text"), Catch::Contains(path));
  }
  REQUIRE(folder.files().size() == 2);
}

TEST_CASE("an AtomicFile writes to where a symbolic link leads") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "disk");
  save(folder / "disk/file", "old");
  std::filesystem::create_symlink("disk/file", folder / "link");
  save(folder / "link", "new");
  REQUIRE(std::filesystem::is_symlink(folder / "link"));
  REQUIRE(read_file(folder / "disk/file") == "new");
  REQUIRE(std::filesystem::read_symlink(folder / "link") == "disk/file");
  REQUIRE(folder.files().size() == 2);
}

TEST_CASE("an AtomicFile takes the place of nothing but files") {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe", link = folder / "link";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::filesystem::create_symlink("pipe", link);
  for (const std::string& path : {pipe, link}) {
    REQUIRE_THROWS_AS(save(path, "text"), IoError);
    REQUIRE_THROWS_WITH(save(path, "text"), Catch::Contains(pipe) && Catch::Contains("not a regular file"));
  }
  REQUIRE(std::filesystem::is_fifo(pipe));
  REQUIRE(std::filesystem::is_symlink(link));
  REQUIRE_THROWS_AS(save(folder.path, "text"), IoError);
  REQUIRE(folder.files().size() == 2);
}

TEST_CASE("names that a killed program left behind are stepped over") {
  const TemporaryFolder folder;
  int last = 0;  // the number of the next temporary, learnt from the one before
  {
    const formats::AtomicFile file(folder / "file");
    const std::string name = folder.files().at(0);
    last = std::stoi(name.substr(name.rfind('.') + 1));
  }
  for (int i = 1; i <= 3; ++i)
    test::write_file(folder / ("file.tmp." + std::to_string(::getpid()) + "." + std::to_string(last + i)), "left");
  save(folder / "file", "text");
  REQUIRE(read_file(folder / "file") == "text");
  REQUIRE(folder.files().size() == 4);
}

TEST_CASE("create_parent_folders makes what is missing") {
  const TemporaryFolder folder;
  formats::create_parent_folders(folder / "a/b//c/file");
  formats::create_parent_folders(folder / "a/b/c/file");
  REQUIRE(std::filesystem::is_directory(folder / "a/b/c"));
  REQUIRE_FALSE(std::filesystem::exists(folder / "a/b/c/file"));
  test::write_file(folder / "file", "");
  REQUIRE_THROWS_AS(formats::create_parent_folders(folder / "file/b/file"), IoError);
  formats::create_parent_folders("file");
  formats::create_parent_folders("");
}

TEST_CASE("who reads while another program writes, or after it was killed, finds a whole file") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  const std::string texts[] = {std::string(100'000, 'a'), std::string(300'000, 'b')};
  const auto whole = [&](const std::string& text) { return text == texts[0] || text == texts[1]; };
  save(path, texts[0]);
  int changed = 0;
  for (int round = 0; round < 40; ++round) {
    const std::string before = read_file(path);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      formats::detail::file_calls.fsync = [](int) { return 0; };  // slow, and only a crash of the machine needs it
      try {
        for (int i = round;; ++i) {
          formats::AtomicFile file(path);
          const std::string& text = texts[i % 2];
          for (std::size_t at = 0; at < text.size(); at += 10'000)
            file.write(text.data() + at, std::min<std::size_t>(10'000, text.size() - at));
          file.commit();
        }
      } catch (...) {
        ::_exit(1);
      }
    }
    for (int i = 0; i < 5; ++i) {
      REQUIRE(whole(read_file(path)));
      ::usleep(unsigned(round) * 37);
    }
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    const std::string after = read_file(path);
    REQUIRE(whole(after));
    changed += after != before;
  }
  REQUIRE(changed > 0);
}
