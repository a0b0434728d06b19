#include "base/log.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/log_format.hpp"
#include "base/log_limiter.hpp"

namespace penstock::log {
namespace {

// Made at the first line and never destroyed, so that lines may come from threads that outlive main.
struct Output {
  spdlog::logger logger{"penstock", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::mutex mutex;
  Limiter limiter;
  std::atomic<bool> json{false};

  Output() {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::info);
    logger.flush_on(spdlog::level::debug);
  }
};

Output& output() {
  static Output& made = *new Output;
  return made;
}

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug: return "debug";
    case spdlog::level::warn: return "warn";
    case spdlog::level::err: return "error";
    default: return "info";
  }
}

void write(spdlog::level::level_enum level, std::string_view room, std::string_view message, std::span<const Field> fields) {
  Output& to = output();
  const Line line{std::chrono::system_clock::now(), name_of(level), room, message, fields};
  to.logger.log(level, to.json.load(std::memory_order_relaxed) ? format_json(line) : format_text(line));
}

void limited(spdlog::level::level_enum level, std::string_view room, std::string_view message,
             std::initializer_list<Field> fields) {
  Output& to = output();
  if (!to.logger.should_log(level)) return;
  const auto now = std::chrono::steady_clock::now();
  bool allowed = false;
  std::vector<Limiter::HeldBack> due;
  {
    const std::lock_guard lock(to.mutex);
    due = to.limiter.due(now);
    allowed = to.limiter.allow(room, message, now);
  }
  for (const Limiter::HeldBack& held : due) {
    const Field fields_of_held[] = {{"message", held.message}, {"lines", held.lines}};
    write(spdlog::level::warn, held.room, "Lines were held back", fields_of_held);
  }
  if (allowed) write(level, room, message, {fields.begin(), fields.size()});
}

}  // namespace

Field Field::of_real(std::string_view key, double value) {
  Field field(key, fmt::format("{}", value));
  field.quoted_ = !std::isfinite(value);
  return field;
}

void debug(std::string_view room, std::string_view message, std::initializer_list<Field> fields) {
  limited(spdlog::level::debug, room, message, fields);
}
void info(std::string_view room, std::string_view message, std::initializer_list<Field> fields) {
  limited(spdlog::level::info, room, message, fields);
}
void warn(std::string_view room, std::string_view message, std::initializer_list<Field> fields) {
  limited(spdlog::level::warn, room, message, fields);
}
void error(std::string_view room, std::string_view message, std::initializer_list<Field> fields) {
  limited(spdlog::level::err, room, message, fields);
}

void set_level(std::string_view level) {
  spdlog::logger& logger = output().logger;
  if (level == "debug") logger.set_level(spdlog::level::debug);
  if (level == "info") logger.set_level(spdlog::level::info);
  if (level == "warn") logger.set_level(spdlog::level::warn);
  if (level == "error") logger.set_level(spdlog::level::err);
  if (level == "off") logger.set_level(spdlog::level::off);
}

void set_json(bool json) { output().json.store(json, std::memory_order_relaxed); }

}  // namespace penstock::log
