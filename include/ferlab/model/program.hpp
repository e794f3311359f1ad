// SPDX-License-Identifier: MIT
// A program: what runs, as constant data. Made when the user's program compiles: the network is lowered to a list of
// ops once, the backend's rewrites are applied, dead ops dropped, every tensor placed.
#pragma once

#include <algorithm>
#include <array>

#include "ferlab/core/flush_subnormals.hpp"
#include "ferlab/model/apply_rewrites.hpp"
#include "ferlab/model/backend_needs.hpp"
#include "ferlab/model/first_look.hpp"
#include "ferlab/model/placement.hpp"
#include "ferlab/model/type_list.hpp"
#include "ferlab/ops/memory.hpp"

namespace ferlab::detail {

/// Bytes and counts of a program; usable in static_assert.
struct ProgramSize {
  std::size_t sample_bytes = 0;  ///< per sample: activations, gradients, what is kept from forward to backward
  std::size_t batch_bytes = 0;   ///< whatever the batch: statistics and scratch
  std::size_t packed_bytes = 0;  ///< weights in the order that the backend's ops read
  std::size_t ops = 0;
  std::size_t gradients = 0;  ///< elements of the flat buffer of gradients
};

/// Drops ops whose results nobody reads.
constexpr void drop_dead(OpList& list) {
  Items<bool> is_wanted(list.tensors.size(), false);
  bool* const wanted = is_wanted.data();
  const Tensor* const tensors = list.tensors.data();
  if (list.output) wanted[list.output.id] = true;
  for (std::size_t i = list.entries.size(); i-- > 0;) {
    Entry& e = list.entries[i];
    bool live = e.reports;
    for (const Use& use : list.uses(e)) {
      const Region region = tensors[use.id].region;
      live = live || (use.writes && (wanted[use.id] || (region != Region::sample && region != Region::batch)));
    }
    if (!live) e.op = {};
    for (const Use& use : list.uses(e))
      if (live && use.reads) wanted[use.id] = true;
  }
  list.drop_marked();
}

/// Where the tensors are that ops are given besides their operands.
struct NeedPlaces {
  OpList& list;
  constexpr void saved(ops::Bytes bytes, std::size_t per_sample) const {
    list.tensors[std::size_t(bytes.id)].count = per_sample;
  }
  constexpr int scratch(std::size_t bytes) const { return list.add({Region::batch, bytes, Element::byte}); }
  constexpr int scratch_per_sample(std::size_t bytes) const { return list.add({Region::sample, bytes, Element::byte}); }
  constexpr int packed(std::size_t elements) const { return list.add({Region::packed, elements}); }
};

/// Gives all ops the memory that this backend's `run` wants, and the list the ops that pack weights.
template <class Backend>
constexpr void add_backend_needs(auto& graph) {
  Items<Entry> prepare;
  NeedPlaces places{graph};
  for (Entry& e : graph.entries)
    graph.store.visit(e.op, [&]<class Op>(Op& op) {
      if (!add_backend_needs<Backend>(op, places)) return;
      graph.describe(op, e);
      if constexpr (requires { op.packed; })
        if (op.packed) {
          prepare.push_back(graph.entry(ops::PackWeights<Op>{op}));
          prepare[prepare.size() - 1].section = ops::Section::prepare;
        }
    });
  for (const Entry& e : prepare) graph.entries.push_back(e);
}

/// The compiler prints the backend and the op.
template <class Backend, class Op, class Memory>
constexpr bool backend_has_op() {
  static_assert(ops::HasOp<Backend, Op, Memory>,
                "ferlab: this backend has no run() for this op; include the header that has it, or write it "
                "(docs/add-a-backend.md)");
  return true;
}

template <class Op>
constexpr auto with_pack() {
  if constexpr (requires(Op op) { op.packed; })
    return ops::OpTypes<Op, ops::PackWeights<Op>>{};
  else
    return ops::OpTypes<Op>{};
}
template <class... Ops>
UnionOf<decltype(with_pack<Ops>())...> with_packs(ops::OpTypes<Ops...>);
template <class... Ops>
detail::Graph<Ops...> graph_of(ops::OpTypes<Ops...>);

/// Ops of one type that a program has, in the order they run.
template <class Op, std::size_t N>
struct OpArray {
  std::array<Op, N> ops{};
};
template <class Op>
struct OpArray<Op, 0> {};

template <class Backend, class Memory>
using RunFunction = void (*)(const void* op, const Backend&, const Memory&);
/// The same one for all programs.
template <class Op, class Backend, class Memory>
void run_one(const void* op, const Backend& backend, const Memory& memory) {
  run(backend, *static_cast<const Op*>(op), memory);
}

template <class Backend>
using RewritesOf = std::remove_cvref_t<decltype(Backend::rewrites)>;

/// What: TrainingStep, Scoring, Prediction or ForwardBackward (model/programs.hpp).
template <class What, class Backend, class V, class T>
class Program {
  using Types =
      decltype(with_packs(UnionOf<typename What::lowers_to, typename MadeByTable<RewritesOf<Backend>>::types>{}));
  using Graph = decltype(graph_of(Types{}));
  static constexpr int types = Graph::Store::types;
  template <class Op>
  static constexpr std::size_t index_of = std::size_t(Graph::Store::template type_of<Op>);

  /// Room for ops and tensors, from a first, cheap look: never too small.
  struct Room {
    std::array<std::size_t, std::size_t(types)> of_type{};
    std::size_t ops = 0, tensors = 0;
  };
  template <class... Ops>
  static constexpr Room find_room(detail::Graph<Ops...>*) {
    FirstLook look;
    look.accumulates = index_of<ops::Accumulate> < std::size_t(types);
    What::lower(look);
    look.add_rewritten(Backend::rewrites);
    look.tensors += 2 * look.ops;  // scratch and packed weights for every op
    (add_packs<Ops>(look), ...);
    return {.of_type = {look.template count<Ops>()...}, .ops = look.ops, .tensors = look.tensors};
  }
  template <class Op>
  static constexpr void add_packs(FirstLook& look) {
    if constexpr (index_of<ops::PackWeights<Op>> < std::size_t(types))
      look.template add<ops::PackWeights<Op>>(look.template count<Op>());
  }
  static constexpr Room room = find_room(static_cast<Graph*>(nullptr));

  template <class G>
  struct OpArrays;
  template <class... Ops>
  struct OpArrays<detail::Graph<Ops...>> : OpArray<Ops, room.of_type[index_of<Ops>]>... {};

  struct Data {
    ProgramSize size{};
    std::array<OpPlace, room.ops> list{};
    std::array<int, ops::section_count + 1> begin{};
    std::array<Tensor, room.tensors> tensors{};
    std::size_t tensor_count = 0, settings = 0;
    std::array<std::size_t, std::size_t(types)> of_type{};
    ops::Value input{}, output{};
    OpArrays<Graph> ops{};
  };
  static constexpr Data data = [] {
    Graph graph;
    What::lower(graph);
    graph.sort_sections();
    apply_rewrites(graph, Backend::rewrites);
    drop_dead(graph);
    add_backend_needs<Backend>(graph);
    graph.sort_sections();

    Data d;
    constexpr ElementSize bytes{sizeof(V), sizeof(T)};
    d.size = {.sample_bytes = place_region(graph, Region::sample, bytes),
              .batch_bytes = place_region(graph, Region::batch, bytes),
              .packed_bytes = place_in_order(graph, bytes),
              .ops = graph.entries.size(),
              .gradients = graph.training ? graph.trainable_extent : 0};
    for (std::size_t i = 0; i < graph.entries.size(); ++i) {
      const Entry& e = graph.entries[i];
      d.list[i] = {e.op.type, int(d.of_type[std::size_t(e.op.type)]++)};
      for (int s = int(e.section); s < ops::section_count; ++s) ++d.begin[std::size_t(s) + 1];
      graph.store.visit(e.op, [&]<class Op>(const Op& op) {
        if constexpr (constexpr std::size_t n = room.of_type[index_of<Op>]; n > 0)
          static_cast<OpArray<Op, n>&>(d.ops).ops[std::size_t(d.list[i].at)] = op;
      });
    }
    std::copy(graph.tensors.begin(), graph.tensors.end(), d.tensors.begin());
    d.tensor_count = graph.tensors.size();
    d.settings = graph.settings();
    d.input = graph.input, d.output = graph.output;
    return d;
  }();

  template <class Op, class Memory>
  static constexpr bool runs_if_used() {
    if constexpr (data.of_type[index_of<Op>] > 0) return ops::HasOp<Backend, Op, Memory>;
    return true;
  }
  /// Has the backend all ops that are on the list?
  template <class Memory, class... Ops>
  static constexpr bool can_run(detail::Graph<Ops...>*) {
    constexpr bool runs[] = {runs_if_used<Ops, Memory>()..., false};
    constexpr auto first = std::size_t(std::find(std::begin(runs), std::end(runs), false) - std::begin(runs));
    if constexpr (first < sizeof...(Ops))
      return backend_has_op<Backend, typename TypeList<Ops...>::template at<first>, Memory>();
    return true;
  }

 public:
  /// What an op needs stands beside its run(): who asks for sizes gets the same answer whatever else is included, or an
  /// error.
  static constexpr ProgramSize size = [] {
    static_assert(can_run<ops::Memory<T, V>>(static_cast<Graph*>(nullptr)));
    return data.size;
  }();
  static constexpr ops::Value input = data.input, output = data.output;
  static constexpr std::size_t tensor_count = data.tensor_count;
  static constexpr std::size_t settings = data.settings;  ///< how many numbers its ops are tuned by
  static constexpr const auto& tensors = data.tensors;    ///< the first tensor_count are in use

  /// The first op of a section, and the one behind its last.
  static constexpr int begin(ops::Section s) { return data.begin[std::size_t(s)]; }
  static constexpr int end(ops::Section s) { return data.begin[std::size_t(s) + 1]; }

  /// Does the program have ops of this type?
  template <class Op>
  static constexpr std::size_t count() {
    if constexpr (index_of<Op> < std::size_t(types))
      return data.of_type[index_of<Op>];
    else
      return 0;
  }

  /// Runs a section, op after op: run(backend, op, memory). In the host's memory subnormal numbers are 0 meanwhile.
  template <class Memory>
  static void run_section(ops::Section section, const Backend& backend, const Memory& memory) {
    static_assert(can_run<Memory>(static_cast<Graph*>(nullptr)));
    const auto* const functions = run_functions<Memory>(static_cast<Graph*>(nullptr));
    const FlushSubnormals flush(Backend::in_host_memory);
    for (int i = begin(section); i < end(section); ++i)
      functions[data.list[std::size_t(i)].type](addresses[std::size_t(i)], backend, memory);
  }
  /// f(op) for op number i.
  template <class F>
  static constexpr void visit(int i, F&& f) {
    visit(static_cast<Graph*>(nullptr), i, f);
  }

 private:
  template <class Op>
  static constexpr const Op& op(int at) {
    return static_cast<const OpArray<Op, room.of_type[index_of<Op>]>&>(data.ops).ops[std::size_t(at)];
  }

  /// Of each op on the list.
  static constexpr std::array<const void*, room.ops> addresses = [] {
    std::array<const void*, room.ops> at{};
    for (std::size_t i = 0; i < data.size.ops; ++i) visit(int(i), [&](const auto& op) { at[i] = &op; });
    return at;
  }();

  // One function per type of op, in the order of the types.
  template <class Op, class Memory>
  static constexpr RunFunction<Backend, Memory> run_function() {
    if constexpr (data.of_type[index_of<Op>] > 0 && ops::HasOp<Backend, Op, Memory>)
      return &run_one<Op, Backend, Memory>;
    else
      return nullptr;
  }
  template <class Memory, class... Ops>
  static auto run_functions(detail::Graph<Ops...>*) {
    static constexpr RunFunction<Backend, Memory> functions[] = {run_function<Ops, Memory>()...};
    return &functions[0];
  }

  template <class... Ops, class F>
  static constexpr void visit(detail::Graph<Ops...>*, int i, F& f) {
    using Call = void (*)(int, F&);
    constexpr Call calls[] = {&Program::visit_one<Ops, F>...};
    const OpPlace place = data.list[std::size_t(i)];
    calls[place.type](place.at, f);
  }
  template <class Op, class F>
  static constexpr void visit_one(int at, F& f) {
    if constexpr (data.of_type[index_of<Op>] > 0) f(op<Op>(at));
  }
};

}  // namespace ferlab::detail
