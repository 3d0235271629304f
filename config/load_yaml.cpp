// load() and load_text(): text to tree, tree to model, model checked.
#include <filesystem>

#include "config/file.h"
#include "config/loaders.h"

namespace config {

namespace {

constexpr std::size_t kFileMost = 64 << 20;  // octets; ten thousand profiles need less than ten million

void load_profiles(const YamlEntry* entry, Credentials& credentials, Diagnostics& diagnostics, Config& out) {
  if (entry == nullptr || entry->value->is_null()) return;
  if (!MapReader(*entry->value, "profiles", entry->place, diagnostics).sound()) return;
  for (const YamlEntry& profile : entry->value->entries) {
    out.peers.push_back(
        std::make_shared<const ikev2::PeerConfig>(load_profile(profile, credentials, diagnostics)));
  }
}

void load_root(const YamlNode& root, Credentials& credentials, Diagnostics& diagnostics, Config& out) {
  MapReader file(root, "the file", root.place, diagnostics);
  if (!file.sound()) return;
  load_daemon(file.map("daemon"), out.daemon);
  load_profiles(file.find_entry("profiles"), credentials, diagnostics, out);
  load_manual(file.map("manual"), credentials, out.manual);
  file.finish();
  validate(out, root, diagnostics);
  out.credentials = credentials.take();
}

LoadResult load_document(const std::string& text, const std::string& path, bool exposed) {
  Diagnostics diagnostics(path);
  LoadResult result;
  try {
    static const YamlNode kEmpty;
    const YamlNodePtr root = parse_yaml(text, diagnostics);
    const bool unreadable = root == nullptr && diagnostics.error_count() != 0;
    if (!unreadable) {
      Credentials credentials(std::filesystem::path(path).parent_path(), exposed, diagnostics);
      result.config.path = path;
      result.config.tree = root;
      load_root(root == nullptr ? kEmpty : *root, credentials, diagnostics, result.config);
      if (result.config.peers.empty() && result.config.manual.empty() && diagnostics.error_count() == 0) {
        diagnostics.warning({}, "there are no profiles: nothing to negotiate");
      }
    }
  } catch (const std::exception& e) {
    diagnostics.error({}, std::string("cannot be loaded: ") + e.what());
  }
  result.diagnostics = diagnostics.take();
  return result;
}

}  // namespace

LoadResult load_text(const std::string& text, const std::string& path) {
  return load_document(text, path, false);
}

LoadResult load(const std::string& path) {
  auto contents = read_file(path, kFileMost, FileKind::any);
  if (contents.has_error()) {
    LoadResult result;
    Diagnostic& unreadable = result.diagnostics.emplace_back();
    unreadable.where = {path, 1, 1};
    unreadable.message = contents.error().reason;
    return result;
  }
  std::string text(base::as_text(contents->bytes.span()));
  LoadResult result = load_document(text, path, contents->others_can_read());
  base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return result;
}

}  // namespace config
