#include "decode/registry.hpp"

#include "decode/event_decoder.hpp"
#include "decode/json_decoder.hpp"

namespace penstock::decode {
namespace {

const JsonDecoder json;
const EventDecoder event;

constexpr const Decoder* kFormats[] = {
    &json,
    &event,
};

}  // namespace

const Decoder* find(std::string_view name) {
  for (const Decoder* format : kFormats) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Decoder* format : kFormats) all.push_back(format->name());
  return all;
}

}  // namespace penstock::decode
