#include "query/text_pattern.hpp"

#include <algorithm>
#include <utility>

#include "chunk/characters.hpp"
#include "query/folded_find.hpp"

namespace penstock::query {
namespace {

std::vector<std::string> split_at_stars(std::string_view text, std::string (*fold)(std::string_view)) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t star = std::min(text.find('*'), text.size());
    parts.push_back(fold(text.substr(0, star)));
    if (star == text.size()) return parts;
    text.remove_prefix(std::min(text.find_first_not_of('*', star), text.size()));
  }
}

// Whether a word that stood before the text, or behind it, would go on in it.
bool begins_in_word(const std::string& text) { return !text.empty() && chunk::is_inside_word("x" + text, 1); }
bool ends_in_word(const std::string& text) { return !text.empty() && chunk::is_inside_word(text + "x", text.size()); }

bool are_made_of(const std::vector<std::string>& parts, std::string_view characters) {
  return std::all_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return part.find_first_not_of(characters) == std::string::npos; });
}

}  // namespace

TextPattern::TextPattern(std::vector<std::string> parts) : parts_(std::move(parts)) {
  bound_start_ = begins_in_word(parts_.front());
  bound_end_ = ends_in_word(parts_.back());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::string& part = parts_[i];
    const bool open_start = i > 0 && begins_in_word(part), open_end = i + 1 < parts_.size() && ends_in_word(part);
    std::string_view rest = part, word;
    while (chunk::next_word(rest, word)) {
      const bool first = word.data() == part.data(), last = word.data() + word.size() == part.data() + part.size();
      if (!(first && open_start) && !(last && open_end)) required_.emplace_back(word);
    }
  }
}

TextPattern TextPattern::phrase(std::string_view text) { return TextPattern({chunk::folded_words(text)}); }
TextPattern TextPattern::with_stars(std::string_view text) { return TextPattern(split_at_stars(text, chunk::folded_words)); }

std::vector<std::string> TextPattern::required_words() const { return required_; }
bool TextPattern::may_be_made_of(std::string_view characters) const { return are_made_of(parts_, characters); }

bool TextPattern::found_in(std::string_view text) const {
  thread_local std::string scratch;
  if (scratch.capacity() > (64u << 10)) scratch = {};
  return found_in_words(chunk::word_text(text, scratch));
}

bool TextPattern::found_in_words(std::string_view text) const {
  const bool one = parts_.size() == 1 || (parts_.size() == 2 && (parts_[0].empty() || parts_[1].empty()));
  if (one || (parts_.size() == 3 && parts_[0].empty() && parts_[2].empty())) return part_found(text);
  return parts_found(text);
}

// The usual case: one part, with no star or stars at its ends.
bool TextPattern::part_found(std::string_view text) const {
  const std::string& part = parts_.size() == 3 || parts_[0].empty() ? parts_[std::min<std::size_t>(1, parts_.size() - 1)] : parts_[0];
  if (part.empty()) return true;
  if (part.size() > text.size()) return false;
  const char* const begin = text.data();
  const char* const last = begin + (text.size() - part.size());
  for (const char* at = begin; at <= last; ++at) {
    at = find_first(at, last + 1, part.front());
    if (at == nullptr) return false;
    if (bound_start_ && at != begin && chunk::is_word_byte(at[-1])) continue;
    if (!matches_folded(at, part)) continue;
    const auto place = static_cast<std::size_t>(at - begin);
    if (bound_start_ && chunk::is_inside_word(text, place)) continue;
    if (bound_end_ && chunk::is_inside_word(text, place + part.size())) continue;
    return true;
  }
  return false;
}

// Where a part may end, for all its places at once, so that time is linear in the text for each part.
bool TextPattern::parts_found(std::string_view text) const {
  for (const std::string& part : parts_) {
    if (!part.empty() && find_folded(text, part, 0) == std::string_view::npos) return false;
  }
  std::vector<bool> ends(text.size() + 1, false);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::string& part = parts_[i];
    if (i == 0 && part.empty()) {
      ends.assign(ends.size(), true);
      continue;
    }
    if (i > 0) {
      // The star: a run of what words are made of.
      for (std::size_t at = 0; at < text.size();) {
        const chunk::Character character = chunk::character_at(text, at);
        if (ends[at] && chunk::kind_of(character.code) != chunk::CharKind::separator) ends[at + character.size] = true;
        at += character.size;
      }
    }
    if (part.empty()) break;  // a star at the end
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t at = find_folded(text, part, 0); at != std::string_view::npos; at = find_folded(text, part, at + 1)) {
      if (i == 0 ? !(bound_start_ && chunk::is_inside_word(text, at)) : ends[at]) next[at + part.size()] = true;
    }
    ends = std::move(next);
  }
  for (std::size_t at = 0; at < ends.size(); ++at) {
    if (ends[at] && !(bound_end_ && chunk::is_inside_word(text, at))) return true;
  }
  return false;
}

ValuePattern::ValuePattern(std::string_view text) : parts_(split_at_stars(text, chunk::folded_value)) {}

bool ValuePattern::may_be_made_of(std::string_view characters) const { return are_made_of(parts_, characters); }

bool ValuePattern::fits(std::string_view value) const {
  thread_local std::string scratch;
  if (scratch.capacity() > (64u << 10)) scratch = {};
  std::string_view text = chunk::value_text(value, scratch);
  const std::string& first = parts_.front();
  const std::string& last = parts_.back();
  if (text.size() < first.size() + last.size() || !matches_folded(text.data(), first) ||
      !matches_folded(text.data() + (text.size() - last.size()), last)) {
    return false;
  }
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (std::size_t i = 1; i + 1 < parts_.size(); ++i) {
    if (parts_[i].empty()) continue;
    const std::size_t at = find_folded(text, parts_[i], 0);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + parts_[i].size());
  }
  return true;
}

}  // namespace penstock::query
