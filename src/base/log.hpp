// Penstock's own log, on standard error: "time level room message key=value", or one JSON object a line.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace penstock::log {

// A key and a value of a line. Numbers and booleans keep their JSON type; text is escaped when it is written, so it may
// come from anybody.
class Field {
 public:
  Field(std::string_view key, std::string_view value) : key_(key), text_(value), quoted_(true) {}
  Field(std::string_view key, const char* value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, const std::string& value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, bool value) : key_(key), text_(value ? "true" : "false") {}
  Field(std::string_view key, std::integral auto value) : key_(key), text_(std::to_string(value)) {}
  Field(std::string_view key, std::floating_point auto value) : Field(of_real(key, static_cast<double>(value))) {}

  std::string_view key() const { return key_; }
  std::string_view text() const { return text_; }
  bool quoted() const { return quoted_; }  // a JSON string, not a number or boolean

 private:
  static Field of_real(std::string_view key, double value);

  std::string_view key_;
  std::string text_;
  bool quoted_ = false;
};

// Thread-safe. `message` is a fixed sentence; what varies goes into fields: of one (room, message) at most ten lines a
// minute are written, and the number held back is told afterwards.
void debug(std::string_view room, std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view room, std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view room, std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view room, std::string_view message, std::initializer_list<Field> fields = {});

// "debug", "info" (the start), "warn", "error" or "off"; anything else changes nothing.
void set_level(std::string_view level);
void set_json(bool json);

}  // namespace penstock::log
