// Gzip for answers and static files. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::http {

// Packs in pieces, so that a large answer does not hold up its io thread. Not thread-safe.
class GzipPacker {
 public:
  explicit GzipPacker(int level);  // 1 fast … 9 small
  ~GzipPacker();
  // Appends what is ready to `out`. After the last piece nothing may follow.
  void pack(std::string_view piece, bool last, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string gzip(std::string_view text, int level);

// Whether an Accept-Encoding value takes gzip (RFC 9110, 12.5.3; q=0 refuses).
bool accepts_gzip(std::string_view accept_encoding);
// Whether a content type is text that packs well: text/*, JSON, XML, JavaScript, SVG.
bool is_packable(std::string_view content_type);

}  // namespace penstock::http
