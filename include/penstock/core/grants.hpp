// Who may do what with which deployments. The one place that decides it: routes, ingest and queries all ask Grants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock {

// One bit each. No right contains another: whoever may administer cannot read logs by that alone.
enum class Right : std::uint16_t {
  deployment_read = 1 << 0,      // that it is there, its size and its retention
  metrics_read = 1 << 1,         // but for those that are declared custom
  logs_read = 1 << 2,
  logs_delete = 1 << 3,
  custom_metrics_read = 1 << 4,  // declared ones: all, or those that the grant names
  ingest_logs = 1 << 5,
  ingest_metrics = 1 << 6,
  // Of the instance, so never of one deployment:
  admin = 1 << 7,
  audit_read = 1 << 8,
};

// A set of them.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(Right right) : bits_(static_cast<std::uint16_t>(right)) {}

  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(Right right) const { return (bits_ & static_cast<std::uint16_t>(right)) != 0; }
  constexpr bool has_any(Rights others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool has_all(Rights others) const { return (bits_ & others.bits_) == others.bits_; }
  constexpr Rights& operator|=(Rights others) { bits_ |= others.bits_; return *this; }
  friend constexpr Rights operator&(Rights a, Rights b) { a.bits_ &= b.bits_; return a; }
  friend constexpr bool operator==(Rights a, Rights b) = default;

 private:
  std::uint16_t bits_ = 0;
};

constexpr Rights operator|(Rights a, Rights b) { return a |= b; }
constexpr Rights operator|(Right a, Right b) { return Rights(a) | Rights(b); }

inline constexpr Rights kIngest = Right::ingest_logs | Right::ingest_metrics;
// Each lets know that a deployment is there.
inline constexpr Rights kReading = Rights(Right::deployment_read) | Right::metrics_read | Right::logs_read | Right::custom_metrics_read;
inline constexpr Rights kInstanceRights = Right::admin | Right::audit_read;
inline constexpr Rights kDeploymentRights = kReading | Right::logs_delete | kIngest;

// "logs:read": as the store, the API and the documentation spell it.
std::string_view right_name(Right right);
// In a fixed order; "ingest" alone where both kinds of it are held.
std::vector<std::string_view> right_names(Rights rights);
// Of one name, which for "ingest" gives two rights. nullopt: there is no such right.
std::optional<Rights> parse_rights(std::string_view name);
// invalid_request (field "rights"), naming those that exist, when one is not known.
Result<Rights> parse_rights(const std::vector<std::string>& names);

struct Grant {
  bool all_deployments = false;             // those yet to come included
  std::string deployment;                   // when not all
  Rights rights;
  std::vector<std::string> sources = {};         // names or patterns (core/name_pattern.hpp); empty: all
  std::vector<std::string> custom_metrics = {};  // names or patterns, for custom_metrics:read alone; empty: all

  friend bool operator==(const Grant&, const Grant&) = default;
};

// invalid_request that names the field: no rights; a deployment's name that is none; rights of the instance on one deployment or on some sources; custom
// metrics without the right to read them; too many or malformed patterns. Sources and custom metrics are limited to 64 of 256 bytes each.
Result<void> check(const Grant& grant);

// Sources of a deployment that a right covers.
class SourceFilter {
 public:
  static SourceFilter all() { return SourceFilter(true, {}); }
  static SourceFilter none() { return SourceFilter(false, {}); }
  // Patterns; none at all is all sources, as in a grant.
  static SourceFilter of(std::vector<std::string> patterns);

  bool is_all() const { return all_; }
  bool is_none() const { return !all_ && patterns_.empty(); }
  bool covers(std::string_view source) const;
  // Sorted, unique; empty when it is all or none.
  const std::vector<std::string>& patterns() const { return patterns_; }
  void unite(const SourceFilter& other);

  friend bool operator==(const SourceFilter&, const SourceFilter&) = default;

 private:
  SourceFilter(bool all, std::vector<std::string> patterns) : all_(all), patterns_(std::move(patterns)) {}
  bool all_ = false;
  std::vector<std::string> patterns_;
};

// Where one right holds: what a query about that right may touch.
class Reach {
 public:
  // Nowhere.
  Reach() = default;

  // Every deployment, those to come included; and whole, but for those that the next two tell of.
  bool everywhere() const { return !elsewhere_.is_none(); }
  bool nowhere() const { return !everywhere() && parts_.empty(); }
  // Those named, sorted. When everywhere(): those of which another part is covered than of all the others.
  std::vector<std::string> deployments() const;
  const SourceFilter& elsewhere() const { return elsewhere_; }
  // What is covered of one.
  const SourceFilter& in(std::string_view deployment) const;
  // Whether some deployment is covered in part only.
  bool narrowed() const;

  void add(const Grant& grant);

  friend bool operator==(const Reach&, const Reach&) = default;

 private:
  struct Part {
    std::string deployment;
    SourceFilter sources;
    friend bool operator==(const Part&, const Part&) = default;
  };
  SourceFilter elsewhere_ = SourceFilter::none();
  std::vector<Part> parts_;  // sorted; each unites what elsewhere_ covers
};

// What somebody may do. Immutable once handed out; then thread-safe.
class Grants {
 public:
  // What is asked about. Without a source: whether it may be done for some source at least; likewise a metric's name.
  struct Target {
    std::string_view deployment;
    std::optional<std::string_view> source = {};
    std::optional<std::string_view> metric = {};  // looked at for custom_metrics:read alone
  };

  // Nothing.
  Grants() = default;
  explicit Grants(std::vector<Grant> grants);
  // Every right, in every deployment and of the instance.
  static Grants everything();

  // The one decision. Well under a microsecond, without allocation.
  bool may(Right right, const Target& target) const { return may_any(right, target); }
  // One of several rights at least.
  bool may_any(Rights any_of, const Target& target) const;
  // In some deployment at least, or in the instance.
  bool may_somewhere(Rights any_of) const { return held_.has_any(any_of); }

  // What it covers of one deployment.
  SourceFilter sources(Right right, std::string_view deployment) const;
  Reach reach(Right right) const { return reach_of_any(right); }
  // Where one of several rights holds at least.
  Reach reach_of_any(Rights any_of) const;
  const std::vector<Grant>& list() const { return grants_; }

 private:
  std::vector<Grant> grants_;  // those of all deployments first, then by deployment
  std::size_t general_ = 0;    // how many are of all deployments
  Rights held_;
};

}  // namespace penstock
