// Parameters and results of statements sent with libpq. Numbers travel as text parameters and binary results, bytes as
// binary both ways.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::postgres {

// In the order of $1, $2, … Text must hold no NUL.
class PqParams {
 public:
  PqParams& add(std::int64_t number);
  PqParams& add(std::string text);
  PqParams& add_bytes(std::string_view bytes);  // not copied: must live until the statement was sent
  PqParams& add_array(const std::vector<std::string>& texts);
  PqParams& add_array(const std::vector<std::int64_t>& numbers);

  int size() const { return static_cast<int>(values_.size()); }

 private:
  friend class PqConnection;
  struct Value {
    std::string text;
    std::string_view bytes;
    bool binary = false;
  };
  std::vector<Value> values_;
};

// A result in binary. Views are valid as long as the result.
class PqResult {
 public:
  explicit PqResult(PGresult* result) : result_(result, &PQclear) {}

  int rows() const { return PQntuples(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) == 1; }
  // int2, int4 or int8.
  std::int64_t number(int row, int column) const;
  // text, bytea, or any other type's raw bytes.
  std::string_view bytes(int row, int column) const;
  std::uint64_t affected() const;
  PGresult* get() const { return result_.get(); }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

}  // namespace penstock::postgres
