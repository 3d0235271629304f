// "Did you mean": the nearest of the known words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace config {

// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known word nearest to `word`, or an empty text where none is near: at most a third of the word may
// differ.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean "x"?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace config
