// SPDX-License-Identifier: MIT
// A training in a safetensors file: the model, the optimizer's moments, where the run stands, and what callbacks
// remember. A run that is loaded from it goes on bit for bit as if it had never stopped.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "ferlab/model/flat_buffer.hpp"
#include "ferlab/persistence/model_file.hpp"
#include "ferlab/persistence/run_identity.hpp"
#include "ferlab/persistence/run_state.hpp"
#include "ferlab/persistence/saved_callbacks.hpp"

namespace ferlab {

namespace detail {

inline const std::string state_prefix = "state.", identity_prefix = "identity.", version_key = "training_file",
                         training_file_version = "2";  // 1, without that key, is version 0.1's

inline ParsedRun::Version version_of(const formats::SafetensorsFile& file) {
  const auto found = file.metadata().find(version_key);
  if (found == file.metadata().end()) return ParsedRun::Version::v0_1;
  if (found->second != training_file_version)
    file.fail("expected a training file of version " + training_file_version + ", got version " + found->second);
  return ParsedRun::Version::current;
}

/// Throws FormatError that names the first field in which the run in the file differs, and both values.
inline void check_identity(const formats::SafetensorsFile& file, const RunIdentity& now, ParsedRun::Version version) {
  formats::Metadata saved;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(identity_prefix)) saved[key.substr(identity_prefix.size())] = value;
  if (version == ParsedRun::Version::v0_1) {
    for (const char* always : {"optimizer", "batch_size", "training_images", "seed", "shuffle"})
      file.require_metadata(identity_prefix + always);
    saved.insert({{"metrics", "accuracy"}, {"loss", "categorical_crossentropy"}, {"ranks", "1"}});  // no others then
  }
  for (const auto& [name, value] : now.fields) {
    const auto found = saved.find(name);
    if (found == saved.end() && version == ParsedRun::Version::v0_1) continue;  // it did not say
    if (found == saved.end()) file.fail("cannot resume: the run had no " + name + ", this one has " + value);
    if (found->second != value && name == training_data)
      file.fail("cannot resume: the run had other training images or labels, as many as these");
    if (found->second != value)
      file.fail("cannot resume: the run had " + name + " " + found->second + ", this one has " + value);
  }
  for (const auto& [name, value] : saved)
    if (!now.find(name)) file.fail("cannot resume: the run had " + name + " " + value + ", this one has none");
}

inline SavedState saved_state(const formats::SafetensorsFile& file) {
  SavedState state;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(state_prefix)) state.values[key.substr(state_prefix.size())] = value;
  for (const formats::TensorView& tensor : file.tensors())
    if (tensor.name.starts_with(state_prefix)) {
      const auto* bytes = static_cast<const std::byte*>(tensor.data);
      state.arrays[tensor.name.substr(state_prefix.size())].assign(bytes, bytes + tensor.bytes());
    }
  return state;
}

/// Run and callbacks of a file, with its name in front of errors.
struct ParsedState {
  ParsedRun run;
  ParsedCallbacks callbacks;

  template <class Training, class Hooks>
  static ParsedState parse(const formats::SafetensorsFile& file, const Training& t, const Hooks& hooks,
                           ParsedRun::Version version) {
    const SavedState state = saved_state(file);
    const StateReader from(state);
    try {
      return {ParsedRun(from.part("run"), t, t.train.size(), version),
              version == ParsedRun::Version::v0_1 ? ParsedCallbacks(hooks, from, ParsedCallbacks::ByPlace{})
                                                  : ParsedCallbacks(hooks, from)};
    } catch (const FormatError& error) {
      file.fail(error.what());
    }
  }
};

/// What save_training writes. The state is in it too, for its arrays.
template <class T>
struct TrainingContents : FileContents<T> {
  SavedState state;
};

template <class Training, class Hooks>
auto training_contents(Training& t, const Hooks& hooks) {
  TrainingContents<typename Training::T> contents;
  append_weights(t.model, {}, contents);
  contents.add_probe(probe_output(t.model));
  for (std::size_t k = 0; k < Training::slot_count; ++k) {
    auto moment = flat_to_host(t.model, t.moment(k));
    const std::size_t size = moment.size();
    contents.add(std::string("optimizer/") + Training::Optimizer::slots[k], {size}, std::move(moment));
  }
  const StateWriter writer(contents.state);
  save_run(t, writer.part("run"));
  save_callbacks(hooks, writer);
  for (const auto& [name, bytes] : contents.state.arrays)
    contents.views.push_back({state_prefix + name, formats::DType::U8, {bytes.size()}, bytes.data()});
  contents.metadata = model_metadata(t.model);
  contents.metadata[version_key] = training_file_version;
  for (const auto& [name, value] : contents.state.values) contents.metadata[state_prefix + name] = value;
  for (const auto& [name, value] : run_identity(t).fields) contents.metadata[identity_prefix + name] = value;
  return contents;
}

}  // namespace detail

/// Writes everything that decides how the run goes on, whole or not at all. Throws IoError.
template <class Training, class Hooks>
void save_training(const std::string& path, Training& t, const Hooks& hooks) {
  detail::training_contents(t, hooks).write(path);
}

/// Puts model, optimizer, run and callbacks back to where save_training found them; files of version 0.1 too. All of
/// the file is read and checked before anything is changed: if this throws, all is as it was. Throws IoError, or
/// FormatError: the file is damaged, is of another network, or the run differs in a number that decides how it goes.
template <class Training, class Hooks>
void load_training(const std::string& path, Training& t, const Hooks& hooks) {
  using M = typename Training::Model;
  using T = typename M::Scalar;
  const formats::SafetensorsFile file(path);
  detail::LoadedModel<M> model(file);
  const auto version = detail::version_of(file);
  detail::check_identity(file, detail::run_identity(t), version);
  std::array<std::vector<T>, Training::slot_count> moments;
  for (std::size_t k = 0; k < moments.size(); ++k) {
    moments[k].resize(M::Plan::parameters.trainable_extent);
    const std::size_t shape[] = {moments[k].size()};
    formats::convert(file, file.require(std::string("optimizer/") + Training::Optimizer::slots[k], shape),
                     std::span<T>(moments[k]));
  }
  auto state = detail::ParsedState::parse(file, t, hooks, version);

  model.install(t.model, file);  // the last that can refuse: the probe
  for (std::size_t k = 0; k < moments.size(); ++k) detail::flat_from_host(t.model, moments[k], t.moment(k));
  state.run.commit(t);
  state.callbacks.commit(hooks);
}

}  // namespace ferlab
