#include "decode/structural_index.hpp"

#include <algorithm>

#include <simdjson.h>

namespace penstock::decode {

struct StructuralIndex::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  std::size_t capacity = 0;
};

StructuralIndex::StructuralIndex() : state_(std::make_unique<State>()) {}
StructuralIndex::~StructuralIndex() = default;

IndexStatus StructuralIndex::build(std::string_view text) {
  offsets_ = nullptr;
  if (text.empty()) return IndexStatus::empty;
  if (text.size() > state_->capacity) {
    const std::size_t wanted = std::max<std::size_t>(text.size(), 4096);
    // Depth is ours to watch: the stage used here has none, so its tables for it are kept at one entry.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, state_->stage) != simdjson::SUCCESS) {
      state_->capacity = 0;
      return IndexStatus::failed;
    }
    state_->capacity = wanted;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const simdjson::error_code error = state_->stage->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  switch (error) {
    case simdjson::SUCCESS: break;
    case simdjson::UTF8_ERROR: return IndexStatus::bad_utf8;
    case simdjson::UNESCAPED_CHARS: return IndexStatus::bad_character;
    case simdjson::UNCLOSED_STRING: return IndexStatus::open_string;
    case simdjson::EMPTY: return IndexStatus::empty;
    default: return IndexStatus::failed;
  }
  offsets_ = state_->stage->structural_indexes.get();
  // There is room: the table is made a few entries longer than a text of only operators needs.
  state_->stage->structural_indexes[state_->stage->n_structural_indexes] = static_cast<std::uint32_t>(text.size());
  return IndexStatus::ok;
}

IndexStatus StructuralIndex::build_with_controls(std::string_view text) {
  masked_.resize(text.size());
  // What is no white space outside of strings must stay none; what it is, is for the reader of the tokens to see in the text itself.
  std::transform(text.begin(), text.end(), masked_.begin(), [](char c) {
    if (c == '\0' || static_cast<unsigned char>(c) >= 0x20) return c;
    return c == '\n' || c == '\r' || c == '\t' ? ' ' : 'x';
  });
  return build(masked_);
}

std::size_t StructuralIndex::kept_bytes() const { return state_->capacity * sizeof(std::uint32_t) + masked_.capacity(); }

void StructuralIndex::release() {
  state_->stage.reset();
  state_->capacity = 0;
  std::string().swap(masked_);
  offsets_ = nullptr;
}

}  // namespace penstock::decode
