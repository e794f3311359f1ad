// SPDX-License-Identifier: MIT
// A training in a safetensors file: the model, the optimizer's moments, where the run stands, and what callbacks
// remember. A run that is loaded from it goes on bit for bit as if it had never stopped.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "ferlab/model/flat_buffer.hpp"
#include "ferlab/persistence/model_file.hpp"
#include "ferlab/persistence/saved_state.hpp"
#include "ferlab/train/training.hpp"

namespace ferlab {

namespace detail {

inline const std::string state_prefix = "state.";

/// What must be equal for a run to go on as it began.
template <class Training>
std::map<std::string, std::string> run_identity(const Training& t) {
  return {{"optimizer", Training::Optimizer::name},
          {"batch_size", std::to_string(t.batch_size)},
          {"training_images", std::to_string(t.train.size())},
          {"seed", std::to_string(t.seed)},
          {"shuffle", t.shuffles ? "1" : "0"}};
}

inline void save_run(const TrainingState& t, const StateWriter& to) {
  to.put("epoch", t.epoch);
  to.put("batch", t.batch);
  to.put("step", t.step);
  to.put("learning_rate", t.learning_rate);
  to.put("stop", t.stop);
  to.put("loss_sum", t.loss_sum);
  to.put("correct", t.correct);
  to.put("seen", t.seen);
  to.put("epochs_done", t.history.epochs.size());
  for (std::size_t i = 0; i < t.history.epochs.size(); ++i) {
    const EpochResult& r = t.history.epochs[i];
    const double values[] = {r.loss,          r.accuracy, r.val_loss,         r.val_accuracy,
                             r.learning_rate, r.seconds,  r.images_per_second};
    to.put("history_" + std::to_string(i), std::span<const double>(values));
  }
}

inline void load_run(const StateReader& from, TrainingState& t) {
  t.epoch = from.get<int>("epoch");
  t.batch = from.get<int>("batch");
  t.step = from.get<std::uint64_t>("step");
  t.learning_rate = from.get<float>("learning_rate");
  t.stop = from.get<bool>("stop");
  t.loss_sum = from.get<double>("loss_sum");
  t.correct = from.get<std::int64_t>("correct");
  t.seen = from.get<std::int64_t>("seen");
  t.history.epochs.clear();
  const auto count = from.get<std::size_t>("epochs_done");
  for (std::size_t i = 0; i < count; ++i) {
    const auto v = from.get_array<double>("history_" + std::to_string(i));
    if (v.size() != 7)
      throw FormatError("saved state: history_" + std::to_string(i) + " has " + std::to_string(v.size()) +
                        " values, expected 7");
    t.history.epochs.push_back({int(i), v[0], v[1], v[2], v[3], float(v[4]), v[5], v[6]});
  }
}

}  // namespace detail

/// Writes everything that decides how the run goes on, whole or not at all. Throws IoError.
template <class Training, class Hooks>
void save_training(const std::string& path, Training& t, const Hooks& hooks) {
  using M = typename Training::Model;
  using T = typename M::Scalar;
  detail::TensorList<T> list;
  detail::append_weights(t.model, false, list);
  const std::vector<float> probe = detail::probe_output(t.model);
  list.views.push_back({"probe/output", formats::DType::F32, {probe.size()}, probe.data()});
  for (std::size_t k = 0; k < t.slots.size(); ++k)
    list.add(std::string("optimizer/") + Training::Optimizer::slots[k], {t.slots[k].size()},
             detail::flat_to_host(t.model, t.slots[k].data()));
  SavedState state;
  const StateWriter writer(state);
  detail::save_run(t, writer.part("run"));
  hooks.save(writer);
  for (const auto& [name, bytes] : state.arrays)
    list.views.push_back({detail::state_prefix + name, formats::DType::U8, {bytes.size()}, bytes.data()});
  formats::Metadata metadata = detail::model_metadata(t.model);
  for (const auto& [name, value] : state.values) metadata[detail::state_prefix + name] = value;
  for (const auto& [name, value] : detail::run_identity(t)) metadata["identity." + name] = value;
  formats::write_safetensors(path, list.views, metadata);
}

/// Puts model, optimizer, run and callbacks back to where save_training found them. Everything is checked before
/// anything is changed. Throws IoError, or FormatError: the file is damaged, is of another network, or the run differs
/// (batch size, seed ...).
template <class Training, class Hooks>
void load_training(const std::string& path, Training& t, Hooks& hooks) {
  using M = typename Training::Model;
  using T = typename M::Scalar;
  const formats::SafetensorsFile file(path);
  detail::LoadedModel<M> loaded(file);
  for (const auto& [name, value] : detail::run_identity(t)) {
    const std::string& saved = file.require_metadata("identity." + name);
    if (saved != value) file.fail("cannot resume: the run had " + name + " " + saved + ", this one has " + value);
  }
  std::array<std::vector<T>, Training::slot_count> slots;
  for (std::size_t k = 0; k < slots.size(); ++k) {
    slots[k].resize(t.slots[k].size());
    const std::size_t shape[] = {slots[k].size()};
    formats::convert(file, file.require(std::string("optimizer/") + Training::Optimizer::slots[k], shape),
                     std::span<T>(slots[k]));
  }
  SavedState state;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(detail::state_prefix)) state.values[key.substr(detail::state_prefix.size())] = value;
  for (const formats::TensorView& tensor : file.tensors())
    if (tensor.name.starts_with(detail::state_prefix)) {
      const auto* bytes = static_cast<const std::byte*>(tensor.data);
      state.arrays[tensor.name.substr(detail::state_prefix.size())].assign(bytes, bytes + tensor.bytes());
    }
  TrainingState run;
  detail::load_run(StateReader(state, "run/"), run);
  if (run.epoch < 0 || run.batch < 0 || run.batch > t.batches) file.fail("cannot resume: epoch or batch out of range");

  loaded.install(t.model, file);
  for (std::size_t k = 0; k < slots.size(); ++k) detail::flat_from_host(t.model, slots[k], t.slots[k].data());
  detail::load_run(StateReader(state, "run/"), t);
  t.history.epochs.reserve(std::size_t(std::max(t.epochs, t.epoch)));
  hooks.load(StateReader(state));
}

}  // namespace ferlab
