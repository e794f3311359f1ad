// SPDX-License-Identifier: MIT
#include <ferlab/formats/background_writer.hpp>

#include <atomic>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

#include "ferlab/core/error.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using formats::BackgroundWriter;

TEST_CASE("writes run in other threads, one at a time, in their order") {
  std::vector<int> order;  // no lock: each sees what the one before did, and so does finish()
  std::vector<std::thread::id> threads;
  BackgroundWriter files;
  for (int i = 0; i < 50; ++i)
    files.start([&order, &threads, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  files.finish();
  REQUIRE(order.size() == 50);
  for (int i = 0; i < 50; ++i) {
    CHECK(order[std::size_t(i)] == i);
    CHECK(threads[std::size_t(i)] != std::this_thread::get_id());
  }
}

TEST_CASE("start and check do not wait for the thread, finish does") {
  std::binary_semaphore go{0};
  int written = 0;
  BackgroundWriter files;
  files.finish();  // nothing to wait for
  files.check();
  files.start([&] { go.acquire(), written = 1; });
  for (int i = 0; i < 3; ++i) files.check();
  go.release();  // never reached where one of them waits
  files.finish();
  CHECK(written == 1);
}

TEST_CASE("what a thread's write has thrown is thrown once, by whatever is called next") {
  BackgroundWriter files;
  const auto fail = [] { throw IoError("cannot write it"); };
  files.start(fail);
  CHECK_THROWS_WITH(files.finish(), "cannot write it");
  files.finish();

  bool begun = false;
  files.start(fail);
  CHECK_THROWS_AS(files.start([&] { begun = true; }), IoError);
  files.finish();
  CHECK_FALSE(begun);

  files.start(fail);
  const auto checked = [&] {
    for (;;) files.check();  // until it has ended
  };
  CHECK_THROWS_AS(checked(), IoError);
  files.check();

  files.start([&] { begun = true; });
  files.finish();
  CHECK(begun);
}

TEST_CASE("a writer that is destroyed waits for its thread, and keeps errors to itself") {
  std::binary_semaphore go{0};
  std::atomic<bool> inside{false};
  bool ended = false;
  std::thread opener([&] {
    while (!inside) std::this_thread::yield();
    go.release();
  });
  {
    BackgroundWriter files;
    files.start([&] { inside = true, go.acquire(), ended = true; });
  }
  CHECK(ended);
  opener.join();
  BackgroundWriter files;
  files.start([] { throw std::runtime_error("nobody asks"); });
}

TEST_CASE("what a write owns, its thread frees, even where it throws") {
  for (const bool fails : {false, true}) {
    std::thread::id freed_by;
    const auto note = [&](const int* p) {
      freed_by = std::this_thread::get_id();
      delete p;
    };
    std::unique_ptr<const int, decltype(note)> owned(new int(7), note);
    int seen = 0;
    BackgroundWriter files;
    files.start([&seen, fails, owned = std::move(owned)] {
      seen = *owned;
      if (fails) throw IoError("");
    });
    if (fails)
      CHECK_THROWS_AS(files.finish(), IoError);
    else
      files.finish();
    CHECK(seen == 7);
    CHECK(freed_by != std::thread::id());
    CHECK(freed_by != std::this_thread::get_id());
  }
}
