// Log rows as CSV (RFC 4180). Cells that a spreadsheet would run as a formula (first character = + - @ or a tab, and not a number) are
// preceded by an apostrophe and quoted, unless the text is wanted raw.
#pragma once

#include <string>
#include <string_view>

#include "query/log_query.hpp"

namespace penstock::query {

// timestamp,received_at,deployment,source,severity,message,fields,id; fields are one cell of JSON.
std::string csv_header();
enum class CsvText { guarded, raw };
void append_csv(std::string& out, const LogRow& row, CsvText kind = CsvText::guarded);
void append_csv_cell(std::string& out, std::string_view text, CsvText kind = CsvText::guarded);

}  // namespace penstock::query
