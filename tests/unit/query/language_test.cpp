#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/language/parser.hpp"
#include "query/matcher.hpp"
#include "query_world.hpp"

namespace penstock::query::test {
namespace {

LogRow sample() {
  LogRow row =
      log_row("Card declined: order 8841 at https://pay.example.org/x in 12.5 ms", 0, "shop", "checkout-1",
              Severity::warn);
  row.fields = {integer_field("order", 8841),
                {"gift", FieldType::boolean, {}, 1, 0},
                text_field("note", "customer asked for a Call Back"),
                text_field("status", "500"),
                real_field("latency", 12.5),
                real_field("whole", 3.0),
                {"nothing", FieldType::null, {}, 0, 0},
                text_field("user.name", "Ada"),
                text_field("my field", "x"),
                text_field("city", "Zürich"),
                {"tags", FieldType::json, "[\"red\",\"blue\"]", 0, 0},
                text_field("twice", "one"),
                integer_field("twice", 2)};
  return row;
}

Result<bool> asks(const std::string& q, const LogRow& row = sample()) {
  LogQuery query;
  query.q = q;
  auto matcher = Matcher::compile(query);
  if (!matcher) return std::move(matcher).error();
  std::vector<FieldView> scratch;
  return matcher->matches(row.view(scratch));
}

TEST(QueryLanguage, HoldsForWhatItDescribes) {
  for (const char* q : {"", "   ", "declined", "DECLINED", "card declined", "declin*", "Card AND order",
                        "\"card declined\"", "\"Card Declined: Order\"",
                        "call", "ada", "red", "8841", "\"call back\"", "pay.example.org", "https://pay.example.org/x",
                            "-refused", "NOT refused",
                        "NOT NOT declined", "refused OR declined", "(refused OR declined) order", "declined -refused",
                            "/decl\\w+/", "/CARD/i",
                        "/x\\/y/ OR card", "order:8841", "order:>8840", "order:>=8841", "order:<8842", "order:<=8841",
                            "latency:>12", "latency:12.5",
                        "latency:12.50", "whole:3", "status:>400", "status:500", "status:5*", "gift:true",
                            "note:\"call back\"", "note:\"Customer asked\"",
                        "user.name:ada", "user.name:=Ada", "user.name:/^A/", "user.name:A*", "order:*", "nothing:*",
                            "nothing:null", "-missing:*",
                        "\"my field\":x", "severity:warn", "severity:WARNING", "severity:>=notice", "severity:<error",
                            "-severity:error", "source:checkout-1",
                        "source:\"CHECKOUT-1\"", "source:check*", "source:/-1$/", "deployment:shop", "message:card",
                            "message:\"card declined\"", "message:/ms$/",
                        "user.name:(bob OR ada)", "order:(8840 OR 8841) card", "twice:one", "twice:2",
                            "twice:(one AND 2)", "city:zürich", "city:Z*", "zürich",
                        "tags:/red/", "*", "-(refused OR lost)", "card\tdeclined\n", "\"order 8841\"", "order:>-5",
                            "whole:3.0", "*clined", "*clin*", "dec*ed", "DEC*ed", "d*", "*ampl*", "pay.*.org", "*ample.org", "*da", "r*d",
                            "message:*clin*", "message:d*d", "source:*out*", "source:ch*-1", "source:*-1", "city:*ch", "note:*call*",
                            "note:cust*back", "user.name:*D*", "status:*0", "-*zzz*", "z*ch", "***", "**clin**", "order:8*1", "(*x OR c*d)"}) {
    const auto found = asks(q);
    ASSERT_TRUE(found.has_value()) << q << ": " << found.error().message;
    EXPECT_TRUE(*found) << q;
  }
}

// Orders 8841 and 8842, prices -1.5 and 3, as a query room would get them.
LogRow order(std::int64_t number, double price, Severity severity = Severity::info) {
  LogRow row = log_row("order", 0, "shop", "web-1", severity);
  row.fields = {integer_field("order", number), real_field("price", price), text_field("user", "Ada"), text_field("at", ">8840")};
  return row;
}

TEST(QueryLanguage, WhatMayStandBehindAColonMayStandInParenthesesBehindIt) {
  const std::vector<std::pair<std::string, std::string>> same = {
      {"order:(>8840 <8842)", "(order:>8840 order:<8842)"}, {"order:(>8840)", "order:>8840"},
      {"order:(>=8842 OR <8841)", "(order:>=8842 OR order:<8841)"}, {"order:(=8841)", "order:=8841"},
      {"order:(<=8841)", "order:<=8841"}, {"order:(-=8841)", "-order:=8841"}, {"order:(->8841)", "-order:>8841"},
      {"order:(NOT >8841)", "NOT order:>8841"}, {"order:((>8841 OR 8841) 8841)", "order:8841"},
      {"order:(>8840 AND <8842) price:(<0)", "order:>8840 order:<8842 price:<0"}, {"price:(<0)", "price:<0"},
      {"price:(>=-1.5 <0)", "price:>=-1.5 price:<0"}, {"severity:(>=error)", "severity:>=error"},
      {"severity:(<notice OR =fatal)", "(severity:<notice OR severity:fatal)"}, {"user:(=Ada)", "user:=Ada"},
      {"user:(=ada)", "user:=ada"}, {"user:(=\"Ada\")", "user:=\"Ada\""}, {"user:(/^A/ OR bob)", "user:/^A/ OR user:bob"},
      {"user:(A* *d*)", "user:A* user:*d*"}, {"user:(*)", "user:*"}, {"at:(\">8840\")", "at:\">8840\""},
      {"source:(=web-1)", "source:=web-1"}, {"source:(=WEB-1)", "source:=WEB-1"}};
  const std::vector<LogRow> rows = {order(8841, -1.5), order(8842, 3, Severity::error), order(7, 0, Severity::fatal)};
  for (const auto& [grouped, plain] : same) {
    for (const LogRow& row : rows) {
      const auto a = asks(grouped, row), b = asks(plain, row);
      ASSERT_TRUE(a.has_value()) << grouped << ": " << a.error().message;
      ASSERT_TRUE(b.has_value()) << plain << ": " << b.error().message;
      EXPECT_EQ(*a, *b) << grouped << " for order " << row.fields[0].integer;
    }
  }
  EXPECT_TRUE(*asks("order:(>8840 <8842)", rows[0]));
  EXPECT_FALSE(*asks("order:(>8840 <8842)", rows[1]));
  // Behind the parentheses, and in those without a field, a sign is text again.
  EXPECT_EQ(asks("order:(>x)").error().field, "q");
  EXPECT_FALSE(asks("order:(> 5)").has_value());
  EXPECT_FALSE(asks("order:(>)").has_value());
  EXPECT_TRUE(asks("order:(>5) >x").has_value());
  EXPECT_TRUE(asks("(>x)").has_value());
}

// Fields that are called like a record's own members.
LogRow shadowed() {
  LogRow row = log_row("outer message", 0, "shop", "outer", Severity::info);
  row.fields = {text_field("source", "inner"), text_field("severity", "inner-sev"), text_field("message", "inner text"),
                text_field("deployment", "inner-dep"), text_field("fields.other", "x")};
  return row;
}

TEST(QueryLanguage, AFieldCalledLikeAMemberIsAskedWithFieldsBeforeItsName) {
  for (const char* q : {"fields.source:inner", "fields.source:=inner", "fields.source:in*", "fields.source:/^inn/", "fields.source:*",
                        "fields.source:(x OR inner)", "fields.severity:inner-sev", "fields.message:\"inner text\"",
                        "fields.deployment:inner-dep", "-fields.source:outer", "source:outer", "-source:inner", "severity:info",
                        "message:outer", "-message:inner", "deployment:shop", "fields.other:x", "\"fields.source\":inner"}) {
    const auto found = asks(q, shadowed());
    ASSERT_TRUE(found.has_value()) << q << ": " << found.error().message;
    EXPECT_TRUE(*found) << q;
  }
  for (const char* q : {"fields.source:outer", "source:inner", "fields.message:outer", "other:x", "-fields.source:*"}) {
    EXPECT_FALSE(*asks(q, shadowed())) << q;
  }
  // Without such a field, and for one whose very name that is (a log may nest fields in fields).
  EXPECT_FALSE(*asks("fields.source:*"));
  LogRow nested = log_row("nested");
  nested.fields = {text_field("fields.source", "deep")};
  EXPECT_TRUE(*asks("fields.source:deep", nested));
}

TEST(QueryLanguage, DoesNotHoldForAnythingElse) {
  for (const char* q : {"decline", "lined", "declined*x", "refused", "\"declined card\"", "\"ard declined\"",
                        "\"card decl\"", "-declined", "card -declined",
                        "card AND refused", "/^declined/", "/card/", "order:884", "order:>8841", "order:<8841",
                            "latency:>12.5", "status:<500", "gift:false",
                        "note:\"call backs\"", "note:call", "user.name:=ada", "user.name:ad", "missing:*", "missing:x",
                            "-order:*", "severity:error",
                        "severity:>warn", "source:checkout", "deployment:sho", "message:8842", "user.name:(bob OR eve)",
                            "note:>5", "message:customer",
                        "NOT (card OR refused)", "refused OR lost", "source:\"checkout\"", "web", "12.5x",
                            "message:=Card", "*clin", "clin*ed", "card*declined", "d*cline", "*eclin", "source:*out", "source:heck*", "source:o*1",
                            "note:*call", "note:call*", "user.name:*x*", "message:*ustomer", "-*clin*", "zz*ch", "source:=*out*", "\"*clin*\""}) {
    const auto found = asks(q);
    ASSERT_TRUE(found.has_value()) << q << ": " << found.error().message;
    EXPECT_FALSE(*found) << q;
  }
}

TEST(QueryLanguage, RefusesWhatCannotBeReadAndSaysWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"(card", "Column 1:"},        {"card)", "Column 5:"},         {"\"card", "Column 1:"},
          {"a \"b", "Column 3:"},      {"/abc", "Column 1:"},
      {"/a(/", "Column 1:"},         {"//", "Column 1:"},            {"/var/log", "Column 1:"},
          {"a OR", "Column 5:"},       {"OR a", "Column 1:"},
      {"a AND AND b", "Column 7:"},  {"()", "Column 1:"},            {"NOT", "Column 4:"},
          {"order:", "Column 7:"},     {"order: 5", "Column 7:"},
      {"order:>x", "Column 7:"},     {"severity:odd", "Column 10:"}, {"source:>5", "Column 8:"},
          {"f:>/x/", "Column 4:"},     {"f:(g:x)", "Column 4:"},
      {"zürich (", "Column 9:"},     {"\"\":x", "Column 1:"},        {"order:>", "Column 8:"},     {"a -", ""},
          {"/\\xff\xff/", "Column 1:"},
      {std::string(40, '(') + "a" + std::string(40, ')'), "nested"}, {std::string(5000, 'a'), "too long"},
          {"/(a{1000}){1000}/", "Column 1:"}};
  for (const auto& [q, expected] : cases) {
    if (expected.empty()) continue;
    const auto found = asks(q);
    ASSERT_FALSE(found.has_value()) << q;
    EXPECT_EQ(found.error().code, ErrorCode::invalid_query) << q;
    EXPECT_EQ(found.error().field, "q") << q;
    EXPECT_NE(found.error().message.find(expected), std::string::npos) << q << " gave: " << found.error().message;
  }
  std::string many;
  for (int i = 0; i < 300; ++i) many += "a ";
  EXPECT_FALSE(asks(many).has_value());
  std::string regexes;
  for (int i = 0; i < 40; ++i) regexes += "/a/ ";
  EXPECT_FALSE(asks(regexes).has_value());
}

TEST(QueryLanguage, KeepsBindingStrength) {
  EXPECT_TRUE(*asks("refused card OR order"));    // (refused AND card) OR order
  EXPECT_FALSE(*asks("refused (card OR order)"));
  EXPECT_TRUE(*asks("-refused card"));
  EXPECT_FALSE(*asks("-card OR refused"));
}

TEST(QueryLanguage, BadBytesInRecordsAndQueriesAreHarmless) {
  LogRow row = log_row(std::string("broken \xff\xfe bytes \x80", 18));
  EXPECT_TRUE(asks("/bytes/", row).has_value());
  EXPECT_TRUE(asks("\xff\xfe", row).has_value());
  EXPECT_TRUE(*asks("broken", row));
}

TEST(Matcher, NamesTheTokensEveryMatchMustHold) {
  LogQuery query;
  query.q = "Card \"was Declined\" pre* -lost (a OR b) order:5 /x/";
  const auto matcher = Matcher::compile(query);
  ASSERT_TRUE(matcher.has_value());
  EXPECT_EQ(matcher->required_tokens(), (std::vector<std::string>{"card", "declined", "was"}));
}

TEST(Matcher, NamesTheColumnsItLooksAt) {
  LogQuery query;
  query.q = "order:5 message:x";
  query.sources = {"web-1"};
  const auto matcher = Matcher::compile(query);
  ASSERT_TRUE(matcher.has_value());
  EXPECT_TRUE(matcher->needs().message);
  EXPECT_TRUE(matcher->needs().source);
  EXPECT_FALSE(matcher->needs().severity);
  EXPECT_FALSE(matcher->needs().all_fields);
  EXPECT_EQ(matcher->needs().fields, std::vector<std::string>{"order"});
}

TEST(Matcher, ParametersNarrowToo) {
  const auto holds = [](LogQuery query) {
    std::vector<FieldView> scratch;
    const LogRow row = sample();
    return Matcher::compile(query)->matches(row.view(scratch));
  };
  LogQuery query;
  query.min_severity = Severity::warn;
  EXPECT_TRUE(holds(query));
  query.min_severity = Severity::error;
  EXPECT_FALSE(holds(query));
  query = {};
  query.sources = {"other", "checkout-1"};
  EXPECT_TRUE(holds(query));
  query.sources = {"Checkout-1"};
  EXPECT_FALSE(holds(query));
  query = {};
  query.fields = {{"user.name", "Ada"}, {"order", "8841"}};
  EXPECT_TRUE(holds(query));
  query.fields = {{"user.name", "ada"}};
  EXPECT_FALSE(holds(query));
  EXPECT_TRUE(Matcher::compile({})->matches_everything());
}

TEST(Matcher, AFieldParameterAlwaysMeansTheRecordsField) {
  const auto holds = [](std::string name, std::string value) {
    LogQuery query;
    query.fields = {{std::move(name), std::move(value)}};
    const auto matcher = Matcher::compile(query);
    EXPECT_TRUE(matcher.has_value());
    std::vector<FieldView> scratch;
    const LogRow row = shadowed();
    return matcher && matcher->matches(row.view(scratch));
  };
  EXPECT_TRUE(holds("source", "inner"));
  EXPECT_FALSE(holds("source", "outer"));
  EXPECT_TRUE(holds("severity", "inner-sev"));
  EXPECT_FALSE(holds("severity", "INFO"));
  EXPECT_TRUE(holds("message", "inner text"));
  EXPECT_TRUE(holds("deployment", "inner-dep"));
  // As /logs/fields calls it.
  EXPECT_TRUE(holds("fields.source", "inner"));
  EXPECT_FALSE(holds("fields.source", "outer"));
}

}  // namespace
}  // namespace penstock::query::test
