// What loggers and platforms write by default is understood: one output each in tests/data/decode/loggers.txt, beside what becomes of it in
// loggers.golden. docs/loggers.md is made of them and of the table of names. To renew both after a wanted change: PENSTOCK_RENEW_GOLDEN=1.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "body_case.hpp"
#include "decode/names.hpp"

namespace penstock::test {
namespace {

const std::string kFolder = std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/decode/";
const std::string kPage = std::string(PENSTOCK_SOURCE_DIR) + "/docs/loggers.md";

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Sample {
  std::string logger;
  std::string body;
};

std::vector<Sample> samples() {
  std::vector<Sample> all;
  std::string text = content_of(kFolder + "loggers.txt");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# ")) {
      all.push_back({line.substr(2), ""});
    } else if (!all.empty()) {
      all.back().body += line;
    }
  }
  return all;
}

void expect_file(const std::string& path, const std::string& found) {
  if (std::getenv("PENSTOCK_RENEW_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << found;
  EXPECT_EQ(found, content_of(path));
}

DecodeOptions in_november() {
  DecodeOptions options;
  options.now = Timestamp{1'795'181'700 * kSecond};  // 2026-11-20T13:35:00Z
  return options;
}

// Which of its keys a log's parts were taken from.
class PartsReceiver : public RecordReceiver {
 public:
  void log(std::size_t, const DecodedLog& log) override {
    ++logs;
    time = log.timestamp ? format_rfc3339(*log.timestamp) : "";
    severity = log.severity ? severity_name(*log.severity) : "";
    source = log.source;
    message = log.message;
  }
  void point(std::size_t, const DecodedPoint&) override {}
  void reject(std::size_t, Error error) override { ADD_FAILURE() << error.message; }
  int logs = 0;
  std::string time, severity, source, message;
};

std::string_view role_name(decode::Role role) {
  switch (role) {
    case decode::Role::time: return "Time";
    case decode::Role::nanos: return "Nanoseconds beside a time in whole seconds";
    case decode::Role::message: return "Message";
    case decode::Role::severity: return "Severity";
    case decode::Role::source: return "Source";
    case decode::Role::deployment: return "Deployment";
    case decode::Role::fields: return "Fields of a log";
    case decode::Role::labels: return "Labels of a metric point";
    case decode::Role::metrics: return "Values of a metric point";
    case decode::Role::name: return "Name of a point's one metric";
    case decode::Role::value: return "Its value";
    case decode::Role::none: break;
  }
  return "";
}

// Text that a table of Markdown can hold.
std::string cell(std::string text) {
  for (std::size_t at = text.find_first_of("|\n"); at != std::string::npos; at = text.find_first_of("|\n", at + 1)) text[at] = ' ';
  return text;
}

std::string page() {
  std::string out =
      "# Loggers and platforms\n\n"
      "`POST /api/v1/logs` takes what loggers write as it comes. A record's parts are looked for under these names, in this order; nested keys\n"
      "count with a dot between, so `{\"log\": {\"level\": \"warn\"}}` and `{\"log.level\": \"warn\"}` are the same. A value that does not fit what its name\n"
      "means stays a field, the next name is tried, and the answer's `warnings` tell it. What has no such name is a field too. `?time_field=`,\n"
      "`?message_field=`, `?severity_field=` and `?source_field=` name keys that go before these (several with commas, nested ones with dots).\n\n"
      "This page is made by a test from the table in `src/decode/names.cpp` and from the outputs in `tests/data/decode/loggers.txt`.\n\n"
      "## Names\n";
  decode::Role role = decode::Role::none;
  for (const decode::KnownName& known : decode::known_names()) {
    if (known.role != role) {
      role = known.role;
      out.append("\n### ").append(role_name(role)).append("\n\n| name | sent by |\n|---|---|\n");
    }
    out.append("| `").append(known.name).append("` | ").append(known.from).append(known.records == decode::Records::points ? " (metric points)" : "").append(" |\n");
  }
  out += "\n## What becomes of their outputs\n\nWithout a time it is that of receipt, without a severity INFO, without a source the sender's address.\n\n"
         "| logger | time | severity | source | message |\n|---|---|---|---|---|\n";
  for (const Sample& sample : samples()) {
    PartsReceiver parts;
    EXPECT_TRUE(decode::JsonDecoder().decode(sample.body, in_november(), parts));
    out += "| " + sample.logger + " | " + parts.time + " | " + parts.severity + " | " + cell(parts.source) + " | " + cell(parts.message) + " |\n";
  }
  return out;
}

TEST(Loggers, TheOutputOfEachIsUnderstood) {
  std::string found;
  std::set<std::string> names;
  for (const Sample& sample : samples()) {
    EXPECT_TRUE(names.insert(sample.logger).second) << sample.logger;
    const std::string text = decode_text(sample.body, in_november());
    EXPECT_TRUE(text.starts_with("0 log ")) << sample.logger << ": " << text;
    found += "# " + sample.logger + "\n" + text + "\n";
  }
  EXPECT_GE(names.size(), 60u);
  expect_file(kFolder + "loggers.golden", found);
}

TEST(Loggers, EveryNameOfALogIsUsedByOneOfThoseThatAreSaidToSendIt) {
  const std::vector<Sample> all = samples();
  for (const decode::KnownName& known : decode::known_names()) {
    if (known.records == decode::Records::points) continue;
    const auto has_key = [&known](const std::string& body) {
      // Whole, or the part behind a dot.
      for (std::string_view name = known.name;; name.remove_prefix(name.find('.') + 1)) {
        if (body.find("\"" + std::string(name) + "\":") != std::string::npos) return true;
        if (name.find('.') == std::string_view::npos) return false;
      }
    };
    const bool used = std::any_of(all.begin(), all.end(), [&](const Sample& sample) {
      return has_key(sample.body) && (", " + std::string(known.from) + ",").find(", " + sample.logger + ",") != std::string::npos;
    });
    EXPECT_TRUE(used) << known.name << " (" << known.from << ")";
  }
}

TEST(Loggers, ThePageTellsThem) { expect_file(kPage, page()); }

}  // namespace
}  // namespace penstock::test
