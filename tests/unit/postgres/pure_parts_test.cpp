#include <gtest/gtest.h>

#include "postgres/connection_string.hpp"
#include "postgres/labels_json.hpp"
#include "postgres/migrations.hpp"
#include "postgres/partitions.hpp"
#include "postgres/sql_error.hpp"

namespace penstock::postgres {
namespace {

ErrorCode class_of(const std::string& state, const std::string& constraint = "") {
  return classify({state, "", constraint});
}

TEST(SqlError, WhatPassesIsWaitedOut) {
  for (const char* state : {"", "08006", "40001", "40P01", "53100", "53300", "55P03", "57P01", "57P03", "25006"}) {
    EXPECT_EQ(class_of(state), ErrorCode::unavailable) << state;
  }
}

TEST(SqlError, WhatAnOperatorMustPutRightIsNeverTheDatasFault) {
  for (const char* state : {"28P01", "28000", "3D000", "3F000", "42501", "42P01", "42703", "42883", "42P17", "23505"}) {
    EXPECT_EQ(class_of(state), ErrorCode::unavailable) << state;
  }
}

TEST(SqlError, BadDataIsTold) {
  for (const char* state : {"22021", "22P05", "22003", "23502", "54000"}) {
    EXPECT_EQ(class_of(state), ErrorCode::invalid_value) << state;
  }
  EXPECT_EQ(class_of("23514", "some_check"), ErrorCode::invalid_value);
}

TEST(SqlError, AMissingPartitionIsWaitedOut) { EXPECT_EQ(class_of("23514"), ErrorCode::unavailable); }

TEST(ConnectionString, ThePasswordCanBeKeptFromArgumentsThatOthersSee) {
  for (const char* url : {"postgresql://ann:s%27cret@db.example/logs", "host=db.example user=ann password='s\\'cret' dbname=logs"}) {
    ConnectionOptions options;
    options.url = url;
    const auto open = connection_string_without_password(options);
    ASSERT_TRUE(open);
    EXPECT_EQ(open->password, "s'cret");
    EXPECT_EQ(open->text.find("cret"), std::string::npos) << open->text;
    EXPECT_NE(open->text.find("user='ann'"), std::string::npos);
    EXPECT_NE(connection_string(options)->find("password='s\\'cret'"), std::string::npos);
  }
}

TEST(ConnectionString, TheUrlWinsOverOurTimeouts) {
  ConnectionOptions options;
  options.url = "postgresql://me:s%27ecret@db.example:5433/things?connect_timeout=77";
  const auto text = connection_string(options);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("connect_timeout='77'"), std::string::npos);
  EXPECT_EQ(text->find("connect_timeout='5'"), std::string::npos);
  EXPECT_NE(text->find("password='s\\'ecret'"), std::string::npos);
  EXPECT_NE(text->find("tcp_user_timeout='20000'"), std::string::npos);
}

TEST(ConnectionString, AMalformedUrlIsRefusedWithoutRepeatingIt) {
  ConnectionOptions options;
  options.url = "postgresql://me:secret@[::1";
  const auto text = connection_string(options);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::config_error);
  EXPECT_EQ(text.error().message.find("secret"), std::string::npos);
}

TEST(Partitions, HaveNamesForAllDays) {
  EXPECT_EQ(partition_name(20'777), "chunk_d20777");
  EXPECT_EQ(partition_name(0), "chunk_d0");
  EXPECT_EQ(partition_name(-1), "chunk_m1");
}

TEST(LabelsJson, ReadsObjectsOfTextsOnly) {
  const auto labels = parse_labels(R"({"source": "pi", "a": "\"x\""})");
  ASSERT_TRUE(labels);
  EXPECT_EQ(*labels, Labels::from({{"a", "\"x\""}, {"source", "pi"}}));
  for (const char* bad : {"", "[]", "{\"a\":1}", "{"}) EXPECT_FALSE(parse_labels(bad)) << bad;
}

TEST(Migrations, AreEmbeddedInOrderWithAWayBack) {
  int expected = 1;
  for (const auto& step : embedded_migrations()) {
    EXPECT_EQ(step.version, expected++);
    EXPECT_FALSE(step.up.empty());
    EXPECT_FALSE(step.down.empty());
  }
  EXPECT_GT(expected, 1);
}

}  // namespace
}  // namespace penstock::postgres
