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

// A message of this text and nothing else.
bool finds(const std::string& q, const std::string& message) {
  const auto found = asks(q, log_row(message));
  EXPECT_TRUE(found.has_value()) << q << ": " << (found ? "" : found.error().message);
  return found && *found;
}

TEST(QueryLanguage, NameColonValueIsTheFieldOrTheseVeryCharacters) {
  for (const auto& [q, message] : std::vector<std::pair<std::string, std::string>>{
           {"UserService.java:42", "at shop.UserService.get(UserService.java:42)"}, {"localhost:8080", "dial tcp localhost:8080: refused"},
           {"sha256:9f86", "image sha256:9f86 pulled"}, {"sha256:9f8*", "image sha256:9f86d0 pulled"}, {"fe80::1", "from fe80::1 port 22"},
           {"C:\\temp", "open C:\\temp\\x failed"}, {"java.lang.IllegalStateException:boom", "java.lang.IllegalStateException:boom"},
           {"status=500", "GET / status=500 took=3"}, {"user=a*", "login user=ada ok"}, {"12:30:45", "at 12:30:45 sharp"}}) {
    EXPECT_TRUE(finds(q, message)) << q;
    EXPECT_FALSE(finds("-" + q, message)) << q;
    EXPECT_FALSE(finds(q, "something else")) << q;
  }
  EXPECT_FALSE(finds("UserService.java:42", "UserService.java:421"));
  EXPECT_FALSE(finds("UserService.java:42", "NewUserService.java:42"));
  EXPECT_FALSE(finds("status:\"500\"", "status:500")) << "in quotes it is the field";
  EXPECT_FALSE(finds("status:=500", "status:500"));
  EXPECT_FALSE(finds("status:*", "status:500"));
  EXPECT_TRUE(*asks("status=500"));
  EXPECT_TRUE(*asks("order=88*"));
  EXPECT_FALSE(*asks("status=501"));
  EXPECT_TRUE(*asks("severity=warn"));
}

TEST(QueryLanguage, NamesThatIngestUnderstandsMeanTheMemberToo) {
  for (const char* q : {"level:warn", "level:>=notice", "LogLevel:WARN", "host:checkout-1", "hostname:check*", "msg:declined", "msg:\"card declined\"", "msg:/^Card/", "level=warn"}) {
    const auto found = asks(q);
    ASSERT_TRUE(found.has_value()) << q << ": " << found.error().message;
    EXPECT_TRUE(*found) << q;
  }
  for (const char* q : {"level:error", "host:web", "msg:refused", "level:*", "host:*"}) EXPECT_FALSE(*asks(q)) << q;
  LogRow row = log_row("x");
  row.fields = {text_field("level", "odd"), text_field("host", "h1"), text_field("event", "login")};
  for (const char* q : {"level:odd", "level:info", "host:h1", "host:web-1", "event:login"}) EXPECT_TRUE(*asks(q, row)) << q;
}

TEST(QueryLanguage, ANameInAnotherCaseMeansTheOnlySuchField) {
  for (const char* q : {"Order:8841", "ORDER:>8840", "User.Name:ada", "CITY:zürich", "Tags:red"}) EXPECT_TRUE(*asks(q)) << q;
  LogRow row = log_row("x");
  row.fields = {text_field("User", "ada"), text_field("USER", "bob"), text_field("ÄRGER", "ja")};
  EXPECT_FALSE(*asks("user:ada", row)) << "two are meant";
  EXPECT_TRUE(*asks("User:ada", row));
  EXPECT_FALSE(*asks("User:bob", row));
  EXPECT_TRUE(*asks("ärger:ja", row));
}

TEST(QueryLanguage, WhatAnotherLanguageMeansIsSaidInThisOne) {
  for (const auto& [q, hint] : std::vector<std::pair<std::string, std::string>>{
           {"status!=500", "-status:value"}, {"status>=500", "status:>=500"}, {"status<500", "status:<500"}, {"status >= 500", "name:>=5"},
           {"status = 500", "name:value"}, {"level=~\"err.*\"", "level:/"}, {"level==error", "level:value"}, {"app=\"x y\"", "app:\""},
           {"{app=\"x\"} |= \"boom\"", "name:value"}, {"error | count", "histogram"}, {"error |= boom", "blank"}, {"a or b", "OR"}, {"a and b", "AND"},
           {"not x", "NOT"}, {"error AND not x", "NOT"}, {"(not x)", "NOT"}, {"a || b", "OR"}, {"a && b", "AND"}, {"!error", "-error"},
           {"!status:500", "-status:value"}, {"+error", "leave out the +"}, {"(?i)error", "/i"}, {"status:[500 TO 599]", "status:(>=500 <=599)"},
           {"status:{500 TO *}", "status:(>="}, {"status:in(1,2)", "status:(a OR b)"}, {"status IN (500 501)", "(a OR b)"}, {"in(status, 1)", "(a OR b)"},
           {"_exists_:status", "name:*"}, {"_time:5m", "from="}, {"@timestamp:>5", "from="}, {"roam~2", "*"}, {"error^4", "leave out"},
           {"'card declined'", "\""}, {"status:'500'", "status:\""}, {"user.*:bob", "no *"}, {"status:!500", "-status:500"}, {"level:error,warn", "OR"}}) {
    const auto found = asks(q);
    ASSERT_FALSE(found.has_value()) << q;
    EXPECT_EQ(found.error().code, ErrorCode::invalid_query) << q;
    EXPECT_NE(found.error().message.find("Column "), std::string::npos) << q;
    EXPECT_NE(found.error().message.find(hint), std::string::npos) << q << " gave: " << found.error().message;
  }
  // These are text.
  for (const auto& [q, message] : std::vector<std::pair<std::string, std::string>>{
           {"a->b", "call a->b now"}, {"List<String>", "a List<String> of"}, {"x=>5", "map x=>5"}, {"could not connect", "could not connect to db"}, {"\"a or b\"", "choose a or b"},
           {"Unknown column 'foo' in", "Unknown column 'foo' in clause"}, {"/api?a=1&b=2", ""}, {"5<6", "5<6"}, {"{", "x { y"}, {"a|b", "a|b"}, {"foo~bar", "foo~bar"}, {"*:*", "anything"},
           {"x^y", "x^y"}, {"in", "in time"}, {"or", "this or"}, {"[main]", "[main] INFO"}, {"don't", "don't panic"}, {"=", "a = b"}, {"+49", "call +49 30"}}) {
    if (message.empty()) continue;
    EXPECT_TRUE(finds(q, message)) << q;
  }
}

TEST(QueryLanguage, AnyElementOfAnArrayCounts) {
  LogRow row = log_row("x");
  row.fields = {{"tags", FieldType::json, "[\"Red\",\"dark blue\",[7,2.50],{\"a\":\"deep\"},\"caf\\u00e9 \\\"q\\\"\",true,null]", 0, 0},
                {"big", FieldType::json, "123456789012345678901234567890", 0, 0}, {"none", FieldType::json, "[]", 0, 0}};
  for (const char* q : {"tags:red", "tags:=Red", "tags:\"dark blue\"", "tags:dark*", "tags:*blue", "tags:7", "tags:>6", "tags:<3", "tags:2.5", "tags:2.50", "tags:true",
                        "tags:/^dark/", "tags:(red AND 7)", "deep", "\"dark blue\"", "café", "tags:\"café\"", "big:123456789012345678901234567890", "big:>5", "tags:*", "none:*", "none:[]"}) {
    const auto found = asks(q, row);
    ASSERT_TRUE(found.has_value()) << q << ": " << found.error().message;
    EXPECT_TRUE(*found) << q;
  }
  for (const char* q : {"tags:dark", "tags:>7", "tags:=red", "tags:/^\\[/", "u00e9", "tags:blue", "\"red dark\""}) EXPECT_FALSE(*asks(q, row)) << q;
}

TEST(QueryLanguage, WildcardsStandBesidePunctuationAsPhrasesDo) {
  for (const auto& [q, message] : std::vector<std::pair<std::string, std::string>>{
           {"@*.com", "mail to bob@example.com failed"}, {".c*f", "read nginx.conf now"}, {"us*r=", "the user=bob"}, {"us*r=bo*", "the user=bobby"}, {"/api/*/orders", "\"/api/v1/orders\""},
           {"*.example.org", "at www.example.org"}, {"a*b*c", "xx axxbyyc"}, {"-*x", "a b"}, {"[*]", "on [main] now"}, {"接*", "再接続"}, {"über*ung", "Die Überprüfung"}, {"e*r", "éxr e1r"}}) {
    if (q[0] == '/' || q[0] == '-') continue;
    EXPECT_TRUE(finds(q, message)) << q;
  }
  EXPECT_TRUE(finds("\"/api\"", "x /api y"));
  for (const auto& [q, message] : std::vector<std::pair<std::string, std::string>>{
           {"@*.com", "bob@example.community"}, {".c*f", ".c f"}, {"us*r=", "xuser="}, {"us*r=", "us er="}, {"a*b*c", "axx byyc"}, {"a*b", "xab"}, {"a*b", "abx"}}) {
    EXPECT_FALSE(finds(q, message)) << q << " in " << message;
  }
  EXPECT_FALSE(asks("a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*r*s").has_value());
}

TEST(QueryLanguage, WordsAreThoseOfEveryScript) {
  for (const auto& [q, message] : std::vector<std::pair<std::string, std::string>>{
           {"error", "“error”"}, {"timeout", "a—timeout—b"}, {"done", "✔️done…"}, {"ÄRGER", "viel ärger"}, {"strasse", "Straße 5"}, {"café", "cafe\u0301"}, {"接続", "データベース接続エラー"},
           {"エラー", "データベース接続エラー"}, {"続", "接続"}, {"류", "오류가"}, {"b", "a\u00a0b"}, {"ИМЯ", "имя пользователя"}, {"error", "\x1b[31mERROR\x1b[0m: x"},
           {"\"error: x\"", "\x1b[31mERROR\x1b[0m: x"}, {"/^ERROR: x/", "\x1b[31mERROR\x1b[0m: x"}, {"m", "\x1b[31m m"}}) {
    EXPECT_TRUE(finds(q, message)) << q << " in " << message;
  }
  EXPECT_FALSE(finds("31mERROR", "\x1b[31mERROR\x1b[0m"));
  EXPECT_FALSE(finds("rger", "ärger"));
  EXPECT_FALSE(finds("接断", "接続断"));
}

TEST(QueryLanguage, ANumberIsFoundHoweverItWasWritten) {
  LogRow row = log_row("x");
  row.fields = {real_field("id", 1000.0), real_field("million", 1e6), real_field("half", 0.5), integer_field("n", 7)};
  for (const char* q : {"id:1000", "id:1000.0", "1000", "1000000", "million:1000000", "million:1e6", "0.5", "half:0.50", "n:7.0", "million:*00"}) EXPECT_TRUE(*asks(q, row)) << q;
  for (const char* q : {"100", "id:100", "1e"}) EXPECT_FALSE(*asks(q, row)) << q;
}

// Deletions that earlier builds stored mean what was asked for then.
TEST(QueryLanguage, AStoredConditionKeepsItsMeaning) {
  LogQuery query;
  query.language = 1;
  query.q = "status:500 not x or y";
  const auto matcher = Matcher::compile(query);
  ASSERT_TRUE(matcher.has_value()) << matcher.error().message;
  query.q = "status:501";
  const LogRow row = log_row("status:501");
  std::vector<FieldView> scratch;
  EXPECT_FALSE(Matcher::compile(query)->matches(row.view(scratch)));
  query.language = kQueryLanguage;
  EXPECT_TRUE(Matcher::compile(query)->matches(row.view(scratch)));
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
