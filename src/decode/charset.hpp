// Bodies that are not in UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::decode {

enum class Charset { utf8, latin1, utf16_little, utf16_big };

// What a body is in: told by its byte order mark, by how JSON begins in UTF-16, else by the charset of `content_type` ("text/plain;
// charset=iso-8859-1"). A body of ASCII alone is UTF-8 whatever it is said to be, as is one of a charset that is not known.
Charset charset_of(std::string_view body, std::string_view content_type);

// The most bytes that a body becomes.
std::size_t most_utf8_bytes(std::string_view body, Charset charset);

// The body in UTF-8, without its mark. Latin-1 is read as Windows-1252, as browsers do; what is no character becomes U+FFFD.
std::string to_utf8(std::string_view body, Charset charset);

}  // namespace penstock::decode
