// SPDX-License-Identifier: MIT
// A stack of its own, and jumping to it and back: one CUDA thread that can wait. On x86-64 by a few instructions,
// elsewhere by ucontext, which asks the system each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#if defined(__SANITIZE_ADDRESS__)
#define FERLAB_EMULATOR_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FERLAB_EMULATOR_ASAN 1
#endif
#endif

#if defined(__x86_64__)
#define FERLAB_EMULATOR_ASSEMBLY 1
#else
#include <ucontext.h>
#endif
#if defined(FERLAB_EMULATOR_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif

namespace ferlab::emulator {

#if defined(FERLAB_EMULATOR_ASSEMBLY)
/// Saves what a call must keep on this stack, and goes on where `to` was left.
__attribute__((naked, noinline)) inline void switch_stack(void** /*from*/, void* /*to*/) {
  asm("pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
      "movq %rsp, (%rdi); movq %rsi, %rsp\n"
      "popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp; ret");
}
#endif

/// Runs body(argument), which never returns, on a stack of its own. enter() goes there, leave() comes back.
class Fiber {
 public:
  Fiber(void (*body)(void*), void* argument) : stack_(new std::byte[size]), body_(body), argument_(argument) {
#if defined(FERLAB_EMULATOR_ASSEMBLY)
    auto top = reinterpret_cast<std::uintptr_t>(stack_.get() + size) & ~std::uintptr_t(15);
    auto* frame = reinterpret_cast<void**>(top) - 8;  // six registers, the first "return address", and one above it
    frame[6] = reinterpret_cast<void*>(&start);
    frame[7] = nullptr;
    inside_ = frame;
#else
    getcontext(&inside_);
    inside_.uc_stack.ss_sp = stack_.get();
    inside_.uc_stack.ss_size = size;
    inside_.uc_link = nullptr;
    makecontext(&inside_, reinterpret_cast<void (*)()>(&start), 0);
#endif
  }
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void enter() {
    running = this;
#if defined(FERLAB_EMULATOR_ASAN)
    void* outer = nullptr;
    __sanitizer_start_switch_fiber(&outer, stack_.get(), size);
    change(outside_, inside_);
    __sanitizer_finish_switch_fiber(outer, nullptr, nullptr);
#else
    change(outside_, inside_);
#endif
  }

  void leave() {
#if defined(FERLAB_EMULATOR_ASAN)
    void* inner = nullptr;
    __sanitizer_start_switch_fiber(&inner, outer_bottom_, outer_size_);
    change(inside_, outside_);
    __sanitizer_finish_switch_fiber(inner, &outer_bottom_, &outer_size_);
#else
    change(inside_, outside_);
#endif
  }

 private:
  static constexpr std::size_t size = 128 * 1024;
  static inline thread_local Fiber* running = nullptr;

#if defined(FERLAB_EMULATOR_ASSEMBLY)
  using Context = void*;
  static void change(Context& from, Context& to) { switch_stack(&from, to); }
#else
  using Context = ucontext_t;
  static void change(Context& from, Context& to) { swapcontext(&from, &to); }
#endif

  static void start() {
    Fiber* const self = running;
#if defined(FERLAB_EMULATOR_ASAN)
    __sanitizer_finish_switch_fiber(nullptr, &self->outer_bottom_, &self->outer_size_);
#endif
    self->body_(self->argument_);
  }

  std::unique_ptr<std::byte[]> stack_;
  void (*body_)(void*);
  void* argument_;
  Context inside_{}, outside_{};
#if defined(FERLAB_EMULATOR_ASAN)
  const void* outer_bottom_ = nullptr;
  std::size_t outer_size_ = 0;
#endif
};

}  // namespace ferlab::emulator
