// Gzip for answers and static files. Pure.
#pragma once

#include <string>
#include <string_view>

namespace penstock::http {

// Level: 1 fast … 9 small.
std::string gzip(std::string_view text, int level);

// Whether an Accept-Encoding value takes gzip (RFC 9110, 12.5.3; q=0 refuses).
bool accepts_gzip(std::string_view accept_encoding);
// Whether a content type is text that packs well: text/*, JSON, XML, JavaScript, SVG.
bool is_packable(std::string_view content_type);

}  // namespace penstock::http
