// SPDX-License-Identifier: MIT
// Run under ThreadSanitizer too: what these tests look for, it sees best. Checks are made after the threads have met,
// since Catch2's are not safe to make at the same time.
#include "ferlab/cpu/context.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

// How often parallel_for visits each of 0..count-1, and the shortest and the number of pieces.
struct Visits {
  std::vector<int> times;
  std::ptrdiff_t shortest = PTRDIFF_MAX;
  int pieces = 0;
};

Visits visit(const Cpu& cpu, std::ptrdiff_t count, std::ptrdiff_t grain) {
  Visits visits{std::vector<int>(std::size_t(count))};
  std::atomic<std::ptrdiff_t> shortest = PTRDIFF_MAX;
  std::atomic<int> pieces = 0;
  cpu.parallel_for(count, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin; i < end; ++i) ++visits.times[std::size_t(i)];
    std::ptrdiff_t known = shortest;
    while (end - begin < known && !shortest.compare_exchange_weak(known, end - begin)) {
    }
    ++pieces;
  });
  visits.shortest = shortest;
  visits.pieces = pieces;
  return visits;
}

}  // namespace

TEST_CASE("parallel_for on threads visits everything once, in pieces no shorter than the grain") {
  for (int threads : {1, 2, 3, 7}) {
    const Cpu cpu(threads);
    REQUIRE(cpu.threads() == threads);
    for (std::ptrdiff_t count : {0, 1, 2, 3, 10, 1000})
      for (std::ptrdiff_t grain : {0, 1, 4, 999, 5000}) {
        INFO(threads << " threads, " << count << " by " << grain);
        const Visits v = visit(cpu, count, grain);
        REQUIRE(v.times == std::vector<int>(std::size_t(count), 1));
        REQUIRE(v.pieces <= (threads == 1 ? 1 : 4 * threads));
        if (count > 0) REQUIRE(v.shortest >= std::min(count, grain));
      }
  }
}

TEST_CASE("parallel_for runs as many pieces at the same time as there are threads") {
  const Cpu cpu(3);
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> arrived = 0;
    cpu.parallel_for(3, 1, [&](std::ptrdiff_t, std::ptrdiff_t) {  // ends only if all three are there
      ++arrived;
      while (arrived < 3) std::this_thread::yield();
    });
    REQUIRE(arrived == 3);
  }
}

TEST_CASE("a loop on threads inside of a loop runs as one piece") {
  const Cpu cpu(3);
  std::vector<int> times(64 * 64);
  std::atomic<int> inner_pieces = 0;
  cpu.parallel_for(64, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin; i < end; ++i)
      cpu.parallel_for(64, 1, [&](std::ptrdiff_t b, std::ptrdiff_t e) {
        ++inner_pieces;
        for (std::ptrdiff_t j = b; j < e; ++j) ++times[std::size_t(i * 64 + j)];
      });
  });
  CHECK(times == std::vector<int>(64 * 64, 1));
  CHECK(inner_pieces == 64);
}

TEST_CASE("many threads share one Cpu, each with its own loops") {
  const Cpu cpu(3);
  std::vector<int> wrong(4);
  std::vector<std::thread> callers;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    callers.emplace_back([&wrong, t, copy = cpu] {
      for (int round = 0; round < 500; ++round)
        if (visit(copy, 100, 1).times != std::vector<int>(100, 1)) ++wrong[t];
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("what one loop on threads wrote, the next one reads") {
  const Cpu cpu(3);
  std::vector<std::int64_t> values(48, 0);
  for (int round = 0; round < 20000; ++round)  // each element moves to its neighbour's thread
    cpu.parallel_for(48, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      for (std::ptrdiff_t i = begin; i < end; ++i) values[std::size_t((i + round * 16) % 48)] += i;
    });
  std::int64_t sum = 0;
  for (const std::int64_t v : values) sum += v;
  CHECK(sum == std::int64_t(20000) * 47 * 48 / 2);
}

TEST_CASE("threads that fell asleep wake up for the next loop, and for the end") {
  for (int round = 0; round < 5; ++round) {
    const Cpu cpu(3);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(visit(cpu, 30, 1).times == std::vector<int>(30, 1));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST_CASE("a Cpu with a number of threads that makes no sense is refused") {
  CHECK_THROWS_AS(Cpu(-1), ArgumentError);
  CHECK_THROWS_AS(Cpu(1025), ArgumentError);
  CHECK(Cpu().threads() >= 1);
}
