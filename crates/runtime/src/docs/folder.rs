//! Reading folders of Markdown.

use std::fs;
use std::io::Read as _;
use std::path::Path;

/// The most files in all folders, and the most bytes of one and of all of them: the documentation of a large product has
/// some hundred files and a few MB.
const MAX_FILES: usize = 2_000;
const MAX_FILE_BYTES: u64 = 1 << 20;
const MAX_BYTES: u64 = 16 << 20;

/// How deep folders are followed, and how many entries are looked at in all: a folder that was named by mistake, such as
/// that of a whole project, takes no minutes.
const MAX_DEPTH: usize = 8;
const MAX_ENTRIES: usize = 50_000;

/// Counts what was read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    files: usize,
    bytes: u64,
    entries: usize,
}

impl Reader {
    /// The files of a folder, each with its name in answers.
    pub(super) fn read(&mut self, folder: &Path, notes: &mut Vec<String>) -> Vec<(String, String)> {
        // What is named may itself be a link: the operator named it.
        let root = match folder.canonicalize() {
            Ok(root) if root.is_dir() => root,
            Ok(_) => {
                notes.push(format!("docs: {} is no folder", folder.display()));
                return Vec::new();
            }
            Err(error) => {
                notes.push(format!("docs: {} cannot be read: {error}", folder.display()));
                return Vec::new();
            }
        };
        let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut found = Vec::new();
        self.walk(&root, &name, 0, &mut found, notes);
        found
    }

    fn walk(
        &mut self,
        folder: &Path,
        name: &str,
        depth: usize,
        found: &mut Vec<(String, String)>,
        notes: &mut Vec<String>,
    ) {
        let Ok(entries) = fs::read_dir(folder) else {
            return notes.push(format!("docs: {} cannot be read", folder.display()));
        };
        let left = MAX_ENTRIES.saturating_sub(self.entries);
        let mut entries: Vec<_> = entries.flatten().take(left + 1).collect();
        if entries.len() > left {
            return notes
                .push(format!("docs: {} and what follows is left out: too many files", folder.display()));
        }
        self.entries += entries.len();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (Ok(kind), Ok(file)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
            let (path, name) = (entry.path(), format!("{name}/{file}"));
            if file.starts_with('.') {
                continue;
            }
            // A link is neither: it may lead out of the folder.
            if kind.is_dir() && depth < MAX_DEPTH {
                self.walk(&path, &name, depth + 1, found, notes);
            } else if kind.is_file()
                && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
            {
                match self.file(&path) {
                    Ok(text) => found.push((name, text)),
                    Err(why) => notes.push(format!("docs: {} is left out: {why}", path.display())),
                }
            }
        }
    }

    fn file(&mut self, path: &Path) -> Result<String, String> {
        if self.files >= MAX_FILES {
            return Err(format!("there are more than {MAX_FILES} files"));
        }
        let limit = MAX_FILE_BYTES.min(MAX_BYTES - self.bytes);
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(|error| error.to_string())?;
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > limit {
            return Err(format!("a file has {MAX_FILE_BYTES} bytes at most, and all together {MAX_BYTES}"));
        }
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markdown_within_the_folder_is_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.md"), "secret").unwrap();
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("docs");
        fs::create_dir_all(folder.join("b/c")).unwrap();
        fs::create_dir_all(folder.join(".git")).unwrap();
        for (file, text) in [
            ("z.md", "z"),
            ("a.MD", "a"),
            ("b/c/d.md", "d"),
            (".git/x.md", "x"),
            (".h.md", "h"),
            ("n.txt", "n"),
        ] {
            fs::write(folder.join(file), text).unwrap();
        }
        fs::write(folder.join("large.md"), "x".repeat(1 + (1 << 20))).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), folder.join("out")).unwrap();
            std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.join("out.md")).unwrap();
        }
        let mut notes = Vec::new();
        let found = Reader::default().read(&folder, &mut notes);
        let names: Vec<_> = found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(names, [("docs/a.MD", "a"), ("docs/b/c/d.md", "d"), ("docs/z.md", "z")]);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("large.md is left out: a file has"), "{notes:?}");
        Reader::default().read(&folder.join("nothing"), &mut notes);
        assert!(notes[1].contains("cannot be read"), "{notes:?}");
    }
}
