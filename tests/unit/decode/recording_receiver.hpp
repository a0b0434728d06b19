// Writes down what a decoder found, one line a record, so that tests can compare text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "penstock/ports/decoder.hpp"

namespace penstock::test {

class RecordingReceiver : public RecordReceiver {
 public:
  void log(std::size_t index, const DecodedLog& log) override {
    std::string line = std::to_string(index) + " log";
    head(line, log.timestamp, log.deployment, log.source);
    if (log.severity) line.append(" severity=").append(severity_name(*log.severity));
    line += " message=";
    append_json_string(line, log.message);
    for (const FieldView& field : log.fields) {
      line.append(" ").append(field.name).append("=").append(type_letter(field.value.type));
      append_json(line, field.value);
    }
    tail(line, log.warnings);
    lines.push_back(line);
    wire_bytes.push_back(log.wire_bytes);
    ++accepted;
  }

  void point(std::size_t index, const DecodedPoint& point) override {
    std::string line = std::to_string(index) + " point";
    head(line, point.timestamp, point.deployment, point.source);
    for (const LabelView& label : point.labels) {
      line.append(" {").append(label.name).append("=");
      append_json_string(line, label.value);
      line += '}';
    }
    for (const SampleView& sample : point.samples) {
      line.append(" ").append(sample.name).append("=");
      append_json(line, FieldValue::of(sample.value));
    }
    tail(line, point.warnings);
    lines.push_back(line);
    wire_bytes.push_back(point.wire_bytes);
    ++accepted;
  }

  void reject(std::size_t index, Error error) override {
    std::string line = std::to_string(index) + " " + std::string(error_name(error.code));
    if (!error.field.empty()) line += " field=" + error.field;
    lines.push_back(line);
    messages.push_back(error.message);
    ++rejected;
  }

  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }

  std::vector<std::string> lines;
  std::vector<std::string> messages;  // of rejections
  std::vector<std::size_t> wire_bytes;
  std::size_t accepted = 0, rejected = 0;

 private:
  static void head(std::string& line, const std::optional<Timestamp>& time, std::string_view deployment, std::string_view source) {
    if (time) line += " t=" + std::to_string(time->ns);
    if (!deployment.empty()) line.append(" deployment=").append(deployment);
    if (!source.empty()) line.append(" source=").append(source);
  }
  static void tail(std::string& line, std::span<const Warning> warnings) {
    for (const Warning& warning : warnings) line.append(" ~").append(error_name(warning.code)).append(":").append(warning.field);
  }
  static std::string_view type_letter(FieldType type) {
    switch (type) {
      case FieldType::string: return "s";
      case FieldType::integer: return "i";
      case FieldType::real: return "r";
      case FieldType::boolean: return "b";
      case FieldType::null: return "n";
      case FieldType::json: return "j";
    }
    return "?";
  }
};

}  // namespace penstock::test
