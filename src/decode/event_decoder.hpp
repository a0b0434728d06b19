// Events of web pages and devices: GET /e?k=v, POST /e with a form or a JSON body. One event is one log.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// Body: JSON (when its first character is { or [), else application/x-www-form-urlencoded, which is also what a query string is
// ("k=v&k2=v2", without the question mark). `source` is always "event"; a `source` parameter stays a field. The message is taken from
// `message` or an alias; without one it is the parameters as text ("page=/cart button=buy"). `timestamp`, `severity` and
// `deployment` are taken when they are valid, else kept as fields: a page cannot hear a refusal. Of two equal names the last wins.
class EventDecoder : public Decoder {
 public:
  std::string_view name() const override { return "event"; }
  Result<void> decode(std::string_view body, const DecodeOptions& options, RecordReceiver& receiver) const override;
};

// The same from parameters that are decoded already. Fails with nothing_accepted when there are none.
Result<void> decode_event(std::span<const std::pair<std::string, std::string>> parameters, const DecodeOptions& options,
                          RecordReceiver& receiver);

}  // namespace penstock::decode
