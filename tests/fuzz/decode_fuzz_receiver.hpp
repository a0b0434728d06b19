// Checks what a decoder promises to its receiver.
#pragma once

#include <cstdlib>

#include "base/unicode.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::fuzz {

class CheckingReceiver : public RecordReceiver {
 public:
  void log(std::size_t index, const DecodedLog& log) override {
    count(index);
    text(log.deployment);
    text(log.source);
    text(log.message);
    for (const FieldView& field : log.fields) {
      text(field.name);
      text(field.value.text);
      // One line: answers are streamed a record a line.
      if (field.value.type == FieldType::json && field.value.text.find('\n') != std::string_view::npos) std::abort();
    }
    unique(log.fields);
    told(log.warnings);
  }
  void point(std::size_t index, const DecodedPoint& point) override {
    count(index);
    text(point.deployment);
    text(point.source);
    for (const LabelView& label : point.labels) {
      text(label.name);
      text(label.value);
    }
    for (const SampleView& sample : point.samples) text(sample.name);
    unique(point.labels);
    unique(point.samples);
    if (point.samples.empty()) std::abort();
    told(point.warnings);
  }
  void reject(std::size_t index, Error error) override {
    count(index);
    if (error.message.empty()) std::abort();
    text(error.message);
    text(error.field);
  }
  std::size_t next() const { return next_; }

 private:
  void count(std::size_t index) {
    if (index != next_++) std::abort();
  }
  static void text(std::string_view text) {
    if (clean_utf8_prefix(text) != text.size()) std::abort();
  }
  static void told(std::span<const Warning> warnings) {
    for (const Warning& warning : warnings) {
      text(warning.field);
      if (warning.message.empty()) std::abort();
    }
  }
  template <class Views>
  static void unique(const Views& views) {
    for (std::size_t i = 0; i < views.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (views[i].name == views[j].name) std::abort();
      }
    }
  }

  std::size_t next_ = 0;
};

}  // namespace penstock::fuzz
