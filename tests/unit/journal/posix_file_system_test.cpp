#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <span>

#include "journal/posix_file_system.hpp"

namespace penstock::journal {
namespace {

class PosixFileSystemTest : public testing::Test {
 protected:
  PosixFileSystemTest() {
    std::string pattern = testing::TempDir() + "/penstock-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~PosixFileSystemTest() override { std::filesystem::remove_all(root_); }

  static std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
  static unsigned mode(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0u;
  }

  PosixFileSystem files_;
  std::string root_;
};

TEST_F(PosixFileSystemTest, FilesAreForTheOwnerOnly) {
  ASSERT_TRUE(files_.make_directories(root_ + "/a/b"));
  ASSERT_TRUE(files_.create(root_ + "/a/b/file"));
  EXPECT_EQ(mode(root_ + "/a/b/file"), 0600u);
  EXPECT_EQ(mode(root_ + "/a/b"), 0700u);
  EXPECT_FALSE(files_.create(root_ + "/a/b/file")) << "it exists";
  EXPECT_TRUE(files_.make_directories(root_ + "/a/b")) << "it may exist";
  EXPECT_FALSE(files_.make_directories(root_ + "/a/b/file"));
}

TEST_F(PosixFileSystemTest, WritesReadsAllocatesAndTruncates) {
  auto file = files_.create(root_ + "/file");
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->allocate(10'000));
  EXPECT_EQ((*file)->size().value(), 10'000u);
  ASSERT_TRUE((*file)->write_at(100, bytes("hello")));
  ASSERT_TRUE((*file)->sync_data());
  std::string read(8, '?');
  EXPECT_EQ((*file)->read_at(99, std::as_writable_bytes(std::span(read))).value(), 8u);
  EXPECT_EQ(read, std::string("\0hello\0\0", 8));
  ASSERT_TRUE((*file)->truncate(103));
  EXPECT_EQ((*file)->read_at(99, std::as_writable_bytes(std::span(read))).value(), 4u);
  EXPECT_EQ((*file)->read_at(500, std::as_writable_bytes(std::span(read))).value(), 0u);
}

TEST_F(PosixFileSystemTest, ListsRenamesAndRemoves) {
  for (const char* name : {"/c", "/a", "/b"}) ASSERT_TRUE(files_.create(root_ + name));
  ASSERT_TRUE(files_.make_directories(root_ + "/folder"));
  EXPECT_EQ(files_.list(root_).value(), (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_TRUE(files_.rename(root_ + "/c", root_ + "/d"));
  ASSERT_TRUE(files_.remove(root_ + "/a"));
  ASSERT_TRUE(files_.sync_directory(root_));
  EXPECT_EQ(files_.list(root_).value(), (std::vector<std::string>{"b", "d"}));
  EXPECT_FALSE(files_.exists(root_ + "/c"));
  EXPECT_GT(files_.free_bytes(root_).value(), 0u);
}

TEST_F(PosixFileSystemTest, ALockIsHeldByOneAtATime) {
  auto first = files_.lock(root_ + "/lock");
  ASSERT_TRUE(first);
  const auto second = files_.lock(root_ + "/lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  first = Error{};
  EXPECT_TRUE(files_.lock(root_ + "/lock"));
}

TEST_F(PosixFileSystemTest, AnErrorNamesTheFile) {
  const auto file = files_.open(root_ + "/absent");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::io_error);
  EXPECT_NE(file.error().message.find("/absent"), std::string::npos);
}

}  // namespace
}  // namespace penstock::journal
