#include "decode/event_decoder.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/unicode.hpp"
#include "decode/names.hpp"
#include "decode/body_reader.hpp"
#include "decode/fitness.hpp"
#include "decode/form.hpp"
#include "decode/log_reader.hpp"
#include "decode/unique_names.hpp"

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

// A parameter with a role.
struct Found {
  std::size_t place = std::string::npos;  // in the parameters
  std::int64_t number = 0;                // see fit()
  bool any() const { return place != std::string::npos; }
};

Value text_value(std::string_view text) { return {ValueKind::string, text}; }

// The best-ranked parameter with this role whose value fits.
Found find_role(std::span<const std::pair<std::string, std::string>> parameters, Role role, const DecodeOptions& options) {
  Found best;
  std::uint8_t best_rank = 255;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string_view text = parameters[i].second;
    const Claim claim = claim_of(parameters[i].first, RecordKind::log);
    if (claim.role != role || claim.rank > best_rank) continue;
    // A game sends level=3 and means no syslog number.
    if (role == Role::severity && !claim.certain() && text.find_first_not_of("0123456789") == std::string_view::npos) continue;
    std::int64_t number = 0;
    if (fit(claim, text_value(text), options, number) != Fit::yes) continue;
    best = {i, number};
    best_rank = claim.rank;
  }
  return best;
}

// A form may say a name several times (check boxes, utm tags): the field is then an array of all values, in their order. The texts of arrays
// are kept in `arrays`.
void gather_repeated(std::vector<FieldView>& fields, std::deque<std::string>& arrays) {
  struct Gathered {
    std::size_t field = 0;
    std::string* array = nullptr;
  };
  std::unordered_map<std::string_view, Gathered> known;
  std::size_t kept = 0;
  for (const FieldView& field : fields) {
    const auto [found, fresh] = known.try_emplace(field.name, Gathered{kept, nullptr});
    if (fresh) {
      fields[kept++] = field;
      continue;
    }
    Gathered& gathered = found->second;
    if (gathered.array == nullptr) {
      gathered.array = &arrays.emplace_back("[");
      append_json_string(*gathered.array, fields[gathered.field].value.text);
    }
    *gathered.array += ',';
    append_json_string(*gathered.array, field.value.text);
  }
  fields.resize(kept);
  for (const auto& [name, gathered] : known) {
    if (gathered.array == nullptr) continue;
    *gathered.array += ']';
    fields[gathered.field].value = FieldValue::of_json(*gathered.array);
  }
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

Result<void> decode_event(std::span<const std::pair<std::string, std::string>> given, const DecodeOptions& options,
                          RecordReceiver& receiver) {
  // What stood in a query string may be any bytes.
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const auto& [name, value] : given) parameters.emplace_back(repaired_utf8(name), repaired_utf8(value));
  if (parameters.empty()) {
    return Error{ErrorCode::nothing_accepted, "The event is empty: send at least one parameter (?message=...).", ""};
  }
  DecodedLog log;
  log.source = kSource;
  const auto find = [&](Role role) { return find_role(parameters, role, options); };
  const Found time = find(Role::time), severity = find(Role::severity), deployment = find(Role::deployment), message = find(Role::message);
  if (time.any()) log.timestamp = Timestamp{time.number};
  if (severity.any()) log.severity = static_cast<Severity>(severity.number);
  if (deployment.any()) log.deployment = parameters[deployment.place].second;

  std::vector<FieldView> fields;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, value] = parameters[i];
    log.wire_bytes += name.size() + value.size() + 2;
    if (i == time.place || i == severity.place || i == deployment.place || i == message.place) continue;
    if (name.size() > kMaxNameBytes) {
      receiver.reject(0, {ErrorCode::invalid_name, "A parameter's name is longer than 1024 bytes.", name.substr(0, whole_characters(name, 64))});
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
  std::deque<std::string> arrays;
  gather_repeated(fields, arrays);
  std::string text;
  if (message.any()) {
    log.message = parameters[message.place].second;
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
