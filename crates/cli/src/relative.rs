//! Paths that are relative to one folder, in a configuration that lies in another.

use std::path::Path;

use codemode::config::{ConnectorTable, is_url};

/// Rewrites what is relative to `folder`, so that it means the same from everywhere. Says whether the folder in which the
/// command is started was written for it.
pub(crate) fn settle(table: &mut ConnectorTable, folder: &Path) -> bool {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    if let Some(command) = table.command.as_mut().filter(|command| command.contains(['/', '\\'])) {
        *command = absolute(&folder, command);
    }
    if let Some(document) = table.openapi.as_mut().filter(|document| !is_url(document)) {
        *document = absolute(&folder, document);
    }
    if let Some(cwd) = &mut table.cwd {
        *cwd = absolute(&folder, cwd);
        return false;
    }
    let is_relative = table.args.iter().any(|word| is_relative(word, &folder));
    if is_relative {
        table.cwd = Some(escaped(&folder));
    }
    is_relative
}

/// Whether the word of a command, or what is given in it as in `--root=./x`, is a path that depends on the folder.
fn is_relative(word: &str, folder: &Path) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    [word, value].into_iter().any(|text| {
        let starts = ["./", "../", ".\\", "..\\"].iter().any(|start| text.starts_with(start));
        let is_there = !text.is_empty() && !Path::new(text).is_absolute() && folder.join(text).exists();
        starts || is_there
    })
}

fn absolute(folder: &Path, path: &str) -> String {
    // What begins with a reference may be absolute, and the home folder is.
    if Path::new(path).is_absolute() || path.starts_with("~/") || path.starts_with("${") {
        return path.to_owned();
    }
    let parts = Path::new(path).components().filter(|part| *part != std::path::Component::CurDir);
    let joined = parts.fold(Path::new(&escaped(folder)).to_owned(), |path, part| path.join(part));
    joined.display().to_string()
}

/// A path as `codemode.toml` writes it.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace("${", "$${")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(command: &[&str]) -> (String, Vec<String>, Option<String>) {
        let mut words = command.iter().map(|word| (*word).to_owned());
        let mut table = ConnectorTable { command: words.next(), args: words.collect(), ..Default::default() };
        let wrote = settle(&mut table, Path::new("/no/such/folder"));
        assert_eq!(wrote, table.cwd.is_some());
        (table.command.unwrap_or_default(), table.args, table.cwd)
    }

    #[cfg(unix)]
    #[test]
    fn what_is_relative_to_a_folder_stays_there() {
        for args in [["server", "./files"], ["server", "../x"], ["server", "--root=./x"]] {
            assert_eq!(settled(&args).2.as_deref(), Some("/no/such/folder"), "{args:?}");
        }
        for args in [["npx", "@x/y"], ["server", "/files"], ["server", "--level=3"], ["server", ""]] {
            assert_eq!(settled(&args), (args[0].to_owned(), vec![args[1].to_owned()], None));
        }
        assert_eq!(settled(&["./bin/server"]).0, "/no/such/folder/bin/server");
        assert_eq!(settled(&["~/server"]).0, "~/server");
        let mut table = ConnectorTable { openapi: Some("api.json".to_owned()), ..Default::default() };
        settle(&mut table, Path::new("/${a}"));
        assert_eq!(table.openapi.as_deref(), Some("/$${a}/api.json"));
    }

    #[test]
    fn what_is_there_is_a_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("server.py"), "").unwrap();
        let has = |word: &str| is_relative(word, folder.path());
        assert!(has("server.py") && has("--script=server.py") && has(".") && !has("other.py"));
    }
}
