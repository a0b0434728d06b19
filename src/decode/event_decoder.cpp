#include "decode/event_decoder.hpp"

#include <vector>

#include "base/unicode.hpp"
#include "decode/names.hpp"
#include "decode/body_reader.hpp"
#include "decode/form.hpp"
#include "decode/log_reader.hpp"
#include "decode/unique_names.hpp"
#include "penstock/core/names.hpp"

namespace penstock::decode {
namespace {

constexpr std::string_view kSource = "event";

// What makes an event of a log: the source is given, and the parameters are the message when there is no other.
std::string parameters_as_text(std::span<const FieldView> fields) {
  std::string text;
  for (const FieldView& field : fields) {
    if (!text.empty()) text += ' ';
    text += field.name;
    text += '=';
    append_text(text, field.value);
  }
  return text;
}

// The value of the best-ranked parameter with this role that `fits`; its place in `parameters`, or npos.
template <class Fits>
std::size_t find_role(std::span<const std::pair<std::string, std::string>> parameters, Role role, Fits&& fits) {
  std::size_t best = std::string::npos;
  std::uint8_t best_rank = 255;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Claim claim = claim_of(parameters[i].first, RecordKind::log);
    if (claim.role != role || claim.rank > best_rank || !fits(parameters[i].second, claim)) continue;
    best = i;
    best_rank = claim.rank;
  }
  return best;
}

// Reads a JSON event with the reader of logs; what an event may lack is put in before it is judged.
class EventReceiver : public RecordReceiver {
 public:
  explicit EventReceiver(RecordReceiver& receiver) : receiver_(receiver) {}

  void log(std::size_t index, const DecodedLog& log) override {
    DecodedLog event = log;
    std::vector<FieldView> fields(log.fields.begin(), log.fields.end());
    if (!log.source.empty()) fields.push_back({"source", FieldValue::of(log.source)});
    keep_last_of_equal_names(fields, order_);
    const std::string text = log.message.empty() ? parameters_as_text(log.fields) : std::string();
    if (log.message.empty()) event.message = text;
    event.source = kSource;
    event.fields = fields;
    receiver_.log(index, event);
  }
  void point(std::size_t index, const DecodedPoint& point) override { receiver_.point(index, point); }
  void reject(std::size_t index, Error error) override { receiver_.reject(index, std::move(error)); }

 private:
  RecordReceiver& receiver_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

Result<void> decode_event(std::span<const std::pair<std::string, std::string>> parameters, const DecodeOptions& options,
                          RecordReceiver& receiver) {
  if (parameters.empty()) {
    return Error{ErrorCode::nothing_accepted, "The event is empty: send at least one parameter (?message=...).", ""};
  }
  DecodedLog log;
  log.source = kSource;
  const std::size_t time = find_role(parameters, Role::time, [&](const std::string& value, Claim) {
    return parse_timestamp(value).has_value();
  });
  const std::size_t severity = find_role(parameters, Role::severity, [](const std::string& value, Claim claim) {
    // A game sends level=3 and means no syslog number.
    const bool number = value.find_first_not_of("0123456789") == std::string::npos;
    return parse_severity(value).has_value() && (claim.certain() || !number);
  });
  const std::size_t deployment = find_role(parameters, Role::deployment, [](const std::string& value, Claim) { return is_deployment_name(value); });
  const std::size_t message = find_role(parameters, Role::message, [](const std::string& value, Claim) { return !value.empty(); });
  if (time != std::string::npos) log.timestamp = *parse_timestamp(parameters[time].second);
  if (severity != std::string::npos) log.severity = parse_severity(parameters[severity].second);
  if (deployment != std::string::npos) log.deployment = parameters[deployment].second;

  std::vector<FieldView> fields;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, value] = parameters[i];
    log.wire_bytes += name.size() + value.size() + 2;
    if (i == time || i == severity || i == deployment || i == message) continue;
    if (name.size() > kMaxNameBytes) {
      receiver.reject(0, {ErrorCode::invalid_name, "A parameter's name is longer than 1024 bytes.", name.substr(0, 64)});
      return {};
    }
    fields.push_back({name, FieldValue::of(std::string_view(value))});
  }
  if (log.wire_bytes > options.max_record_bytes) {
    receiver.reject(0, {ErrorCode::record_too_large, "The event is larger than " + std::to_string(options.max_record_bytes) + " bytes.", ""});
    return {};
  }
  if (fields.size() > options.max_fields) {
    receiver.reject(0, {ErrorCode::too_many_fields, "The event has more than " + std::to_string(options.max_fields) + " parameters.", ""});
    return {};
  }
  std::vector<std::uint32_t> order;
  keep_last_of_equal_names(fields, order);
  std::string text;
  if (message != std::string::npos) {
    log.message = parameters[message].second;
  } else {
    text = parameters_as_text(fields);
    log.message = text;
  }
  log.fields = fields;
  receiver.log(0, log);
  return {};
}

Result<void> EventDecoder::decode(std::string_view body, const DecodeOptions& options, RecordReceiver& receiver) const {
  const std::size_t first = body.find_first_not_of(" \r\n\t");
  if (first != std::string_view::npos && (body[first] == '{' || body[first] == '[')) {
    DecodeOptions event_options = options;
    event_options.kind = RecordKind::log;
    const WorkspaceLease workspace(1 << 20);
    EventReceiver events(receiver);
    LogReader records(*workspace, event_options, events, LogReader::Leniency::event);
    return BodyReader(body, event_options, *workspace, records).read();
  }
  if (body.size() > options.max_record_bytes) {
    receiver.reject(0, {ErrorCode::record_too_large, "The event is larger than " + std::to_string(options.max_record_bytes) + " bytes.", ""});
    return {};
  }
  return decode_event(parse_form(body), options, receiver);
}

}  // namespace penstock::decode
