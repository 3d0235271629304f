#include "apps/ctl/prompt.h"

#include <histedit.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/script.h"

namespace ctl {

namespace {

constexpr int kHistory = 500;  // lines

// Files and folders whose names begin with what is typed; a folder with a slash behind it.
std::vector<std::string> files_like(const std::string& typed) {
  namespace fs = std::filesystem;
  const std::size_t slash = typed.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator at(folder.empty() ? "." : folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    const std::string name = folder + at->path().filename().string();
    if (name.compare(0, typed.size(), typed) == 0)
      out.push_back(at->is_directory(ignored) ? name + "/" : name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string common_start(const std::vector<std::string>& words) {
  std::string out = words.front();
  for (const std::string& word : words) {
    const auto [mine, other] = std::mismatch(out.begin(), out.end(), word.begin(), word.end());
    out.erase(mine, out.end());
  }
  return out;
}

// The editor of lines, and what its callbacks need.
class Editor {
 public:
  explicit Editor(const std::string& socket)
      : names_(names_from(socket)),
        history_(::history_init(), ::history_end),
        edit_(::el_init("ikectl", stdin, stdout, stderr), ::el_end) {
    if (!usable()) return;
    HistEvent event;
    ::history(history_.get(), &event, H_SETSIZE, kHistory);
    ::history(history_.get(), &event, H_SETUNIQUE, 1);
    ::el_set(edit_.get(), EL_CLIENTDATA, this);
    ::el_set(edit_.get(), EL_PROMPT, &Editor::prompt);
    ::el_set(edit_.get(), EL_SIGNAL, 1);
    ::el_set(edit_.get(), EL_EDITOR, "emacs");
    ::el_set(edit_.get(), EL_HIST, ::history, history_.get());
    ::el_set(edit_.get(), EL_ADDFN, "complete", "complete the word", &Editor::on_tab);
    ::el_set(edit_.get(), EL_BIND, "^I", "complete", nullptr);
  }

  bool usable() const { return history_ != nullptr && edit_ != nullptr; }

  // False at the end of input.
  bool read(std::string& line) {
    int count = 0;
    const char* text = ::el_gets(edit_.get(), &count);
    if (text == nullptr || count <= 0) return false;
    line.assign(text, static_cast<std::size_t>(count));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    HistEvent event;
    if (line.find_first_not_of(" \t") != std::string::npos)
      ::history(history_.get(), &event, H_ENTER, line.c_str());
    return true;
  }

 private:
  static char* prompt(EditLine*) {
    static char text[] = "ikectl> ";
    return text;
  }
  static unsigned char on_tab(EditLine* edit, int) {
    void* self = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &self);
    return static_cast<Editor*>(self)->complete();
  }
  unsigned char complete() {
    const LineInfo* info = ::el_line(edit_.get());
    const std::string_view before(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
    const Completed completed = complete_line(before, names_);
    if (!completed.insert.empty())
      return ::el_insertstr(edit_.get(), completed.insert.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    if (completed.candidates.empty()) return CC_ERROR;
    std::string list = "\n";
    for (const std::string& word : completed.candidates) list += word + "  ";
    std::fputs((list + "\n").c_str(), stdout);
    return CC_REDISPLAY;
  }

  const NameSource names_;
  std::unique_ptr<History, decltype(&::history_end)> history_;
  std::unique_ptr<EditLine, decltype(&::el_end)> edit_;
};

}  // namespace

Completed complete_line(std::string_view line, const NameSource& names) {
  auto words = split_line(line);
  Completed out;
  if (words.has_error()) return out;  // within quotes
  std::string typed;
  if (!line.empty() && line.back() != ' ' && line.back() != '\t' && !words->empty()) {
    typed = std::move(words->back());
    words->pop_back();
  }
  if (!words->empty() && words->front() == "ikectl") words->erase(words->begin());
  for (std::string& word : next_words(*words, names)) {
    if (word == kAnyFile) {
      for (std::string& file : files_like(typed)) out.candidates.push_back(std::move(file));
    } else if (word.compare(0, typed.size(), typed) == 0) {
      out.candidates.push_back(std::move(word));
    }
  }
  if (out.candidates.empty()) return out;
  out.insert = common_start(out.candidates).substr(typed.size());
  if (out.candidates.size() == 1 && out.candidates[0].back() != '/') out.insert += ' ';
  return out;
}

int run_prompt(const Invocation& invocation, Terminal& terminal) {
  Editor editor(invocation.socket);
  if (!editor.usable())
    return refuse(invocation, terminal, kRefused, "failed", "this terminal cannot be used");
  for (std::string line; editor.read(line);) {
    const auto words = split_line(line);
    if (!words.has_error() && words->size() == 1 && (words->front() == "exit" || words->front() == "quit"))
      return kDone;
    run_line(line, invocation, terminal);
    terminal.out.flush();
  }
  terminal.out << "\n";
  return kDone;
}

}  // namespace ctl
