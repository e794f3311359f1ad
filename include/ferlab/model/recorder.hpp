// SPDX-License-Identifier: MIT
// How work that is done again and again is handed to a backend.
#pragma once

namespace ferlab::detail {

/// For backends in the host's memory: work is called each time. A backend of another kind specialises this: it may
/// record the work for each number of samples and replay it, so the work may do nothing but call the backend's ops, and
/// what it passes to them must stay where it is.
template <class Backend>
class Recorder {
  static_assert(Backend::in_host_memory, "ferlab: include this backend's recorder.hpp");

 public:
  /// work() is for `count` samples: the same ops with the same arguments each time.
  template <class Work>
  void run(const Backend&, int /*count*/, const Work& work) {
    work();
  }
  /// What was recorded is for arguments that have changed.
  void forget() {}
};

}  // namespace ferlab::detail
