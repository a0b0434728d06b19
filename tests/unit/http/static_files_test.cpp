#include "http/static_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace penstock::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("static_" + std::to_string(getpid()));
    fs::create_directories(root_ / "vendor");
    write("index.html", "<!doctype html>" + std::string(2000, ' '));
    write("app.js", "let a = 1;");
    write("vendor/plot.js", std::string(5000, 'x'));
    write("image.png", std::string(3000, 'p'));
    write(".secret", "hidden");
    fs::create_symlink("/etc/passwd", root_ / "passwd.txt");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }
  StaticFiles load() {
    auto files = StaticFiles::load(root_.string());
    EXPECT_TRUE(files);
    return std::move(*files);
  }
  static std::string value(const Response& response, std::string_view name) {
    for (const auto& [key, text] : response.headers) {
      if (key == name) return text;
    }
    return {};
  }
  static RequestHead get(std::string_view target, std::string_view header = {}, std::string_view text = {}) {
    RequestHead head;
    head.method = "GET";
    head.set_target(target);
    if (!header.empty()) head.add_header(header, text);
    return head;
  }

  fs::path root_;
};

TEST_F(StaticFilesTest, TheRootIsIndexHtmlWithThePolicyOfTheDashboard) {
  const Response response = load().respond(get("/"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(response.shared_body->size(), 2015U);
  EXPECT_EQ(value(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(value(response, "Content-Security-Policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
}

TEST_F(StaticFilesTest, OnlyWhatWasThereAtStartIsServed) {
  const StaticFiles files = load();
  write("later.txt", "later");
  for (const char* path : {"/later.txt", "/.secret", "/passwd.txt", "/vendor", "/vendor/", "/index.html/",
      "//index.html"}) {
    EXPECT_FALSE(files.has(path)) << path;
    EXPECT_EQ(files.respond(get(path)).status, 404) << path;
  }
  EXPECT_EQ(files.size(), 4U);
}

TEST_F(StaticFilesTest, AKnownVersionIsNotSentAgain) {
  const StaticFiles files = load();
  const std::string etag = value(files.respond(get("/app.js")), "ETag");
  for (const std::string& sent : {etag, "\"x\", " + etag, etag.substr(2), std::string("*")}) {
    const Response response = files.respond(get("/app.js", "If-None-Match", sent));
    EXPECT_EQ(response.status, 304) << sent;
    EXPECT_EQ(response.shared_body, nullptr);
  }
  EXPECT_EQ(files.respond(get("/app.js", "If-None-Match", "W/\"x\"")).status, 200);
  write("app.js", "let a = 2;");
  EXPECT_NE(value(load().respond(get("/app.js")), "ETag"), etag);
}

TEST_F(StaticFilesTest, PackedBytesAreMadeOnceAndSentToWhoTakesThem) {
  const StaticFiles files = load();
  const Response packed = files.respond(get("/vendor/plot.js", "Accept-Encoding", "gzip"));
  EXPECT_EQ(value(packed, "Content-Encoding"), "gzip");
  EXPECT_LT(packed.shared_body->size(), 200U);
  EXPECT_EQ(value(packed, "Cache-Control"), "public, max-age=86400");
  EXPECT_EQ(packed.shared_body, files.respond(get("/vendor/plot.js", "Accept-Encoding", "gzip")).shared_body);
  EXPECT_EQ(files.respond(get("/vendor/plot.js")).shared_body->size(), 5000U);
  EXPECT_EQ(value(files.respond(get("/image.png", "Accept-Encoding", "gzip")), "Content-Encoding"), "");
}

TEST_F(StaticFilesTest, APackedSiblingIsTakenAndNotListed) {
  write("vendor/plot.js.gz", "made by the build");
  const StaticFiles files = load();
  EXPECT_EQ(files.size(), 4U);
  EXPECT_EQ(*files.respond(get("/vendor/plot.js", "Accept-Encoding", "gzip")).shared_body, "made by the build");
}

TEST_F(StaticFilesTest, OtherMethodsAndMissingFoldersAreErrors) {
  RequestHead post = get("/");
  post.method = "POST";
  const Response refused = load().respond(post);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(value(refused, "Allow"), "GET, HEAD");
  EXPECT_EQ(StaticFiles::load((root_ / "none").string()).error().code, ErrorCode::io_error);
  EXPECT_EQ(StaticFiles::load(root_.string(), 1000).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace penstock::http
