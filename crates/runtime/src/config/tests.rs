//! Configurations in `cases/config`, each with what is read of it beside it.

use std::path::Path;

use super::*;

#[test]
fn configurations_are_read_as_the_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/config");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension != "out"));
    files.sort();
    assert!(files.len() >= 30, "{files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let read = summary(&std::fs::read_to_string(&file).unwrap(), name);
        // Where a secret stands in the text, no message repeats it.
        assert!(!read.contains("0123456789"), "{read}");
        let expected = folder.join(format!("{name}.out"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &read).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != read {
            wrong.push(format!("{name}:\n{read}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn summary(text: &str, name: &str) -> String {
    let config = match Config::parse(text, Path::new(name)) {
        Ok(config) => config,
        Err(error) => return format!("error: {error}\n"),
    };
    let mut out = String::new();
    for entry in &config.connectors {
        let Entry { name, enabled, description, timeout, concurrency, trust_annotations, .. } = entry;
        out.push_str(&format!("{name}: {}{}\n", entry.kind_name(), if *enabled { "" } else { ", disabled" }));
        for (key, text) in entry.texts() {
            let hide = entry.secrets_in_plain_text().contains(&key);
            out.push_str(&format!("  {key} = {}\n", text.shown(hide)));
        }
        if let Some(timeout) = timeout {
            out.push_str(&format!("  timeout {timeout:?}\n"));
        }
        if let Some(concurrency) = concurrency {
            out.push_str(&format!("  {concurrency} at once\n"));
        }
        if let Some(description) = description {
            out.push_str(&format!("  {description:?}\n"));
        }
        if *trust_annotations {
            out.push_str("  annotations are trusted\n");
        }
    }
    for note in &config.notes {
        out.push_str(&format!("{}: {}\n", if note.is_serious { "warning" } else { "note" }, note.message));
    }
    let mut limits = crate::Limits::default();
    config.set_limits(&mut limits);
    if limits != crate::Limits::default() {
        out.push_str(&format!("{limits:?}\n"));
    }
    for rule in config.rules() {
        out.push_str(&format!("{rule}{}\n", rule.reason().map(|why| format!(": {why}")).unwrap_or_default()));
    }
    if config.surface() != crate::SurfaceOptions::default() {
        out.push_str(&format!("{:?}\n", config.surface()));
    }
    match config.serve() {
        Ok(serve) if serve == Serve::default() => {}
        Ok(serve) => out.push_str(&format!("{serve:?}\n")),
        Err(error) => out.push_str(&format!("serve: {error}\n")),
    }
    out
}

#[test]
fn a_later_file_lies_over_an_earlier_one() {
    let parse = |text, name| Config::parse(text, Path::new(name)).unwrap();
    let user =
        parse("[connectors.a]\ncommand='x'\n[connectors.b]\ncommand='x'\n[limits]\ncalls=1\nlogs=1", "user");
    let project =
        parse("[connectors.b]\ncommand='y'\n[connectors.c]\ncommand='y'\n[limits]\ncalls=2", "project");
    let both = user.overlaid(project);
    let from = |name| both.connector(name).unwrap().file.to_str().unwrap().to_owned();
    assert_eq!([from("a"), from("b"), from("c")], ["user", "project", "project"]);
    let mut limits = crate::Limits::default();
    both.set_limits(&mut limits);
    assert_eq!((limits.isolate.calls, limits.isolate.log_bytes), (2, 1));
    assert!(both.notes[0].message.contains("takes its place"), "{:?}", both.notes);
}

#[test]
fn rules_of_a_folder_allow_nothing_that_the_user_forbids() {
    let parse = |text, name| Config::parse(text, Path::new(name)).unwrap();
    let user = parse("[[policy]]\ntools = 'a.*'\naction = 'deny'", "user");
    let project = parse("[[policy]]\ntools = '*.*'\naction = 'allow'", "project");
    let rules = |config: &Config| config.rules().iter().map(ToString::to_string).collect::<Vec<_>>();
    let folder = user.clone().overlaid_by_folder(project.clone(), Path::new("project"));
    assert_eq!(rules(&folder), ["allow *.*", "deny a.*"]);
    assert_eq!(rules(&user.overlaid(project)), ["deny a.*", "allow *.*"]);
}

#[test]
fn a_folder_has_no_say_in_who_is_served() {
    let parse = |text, name| Config::parse(text, Path::new(name)).unwrap();
    let user = parse("[serve]\nbind = '127.0.0.1:1'\n[serve.auth]\nmode = 'token'", "user");
    let text = "[serve]\nbind = '0.0.0.0:1'\nallowed_hosts = ['evil.example']\n[serve.auth]\nmode = 'none'\n\
        [serve.limits]\nrequests = 9\n[serve.principals.eve]\nothers = true";
    let folder = user.clone().overlaid_by_folder(parse(text, "project"), Path::new("project"));
    assert_eq!(folder.serve().unwrap(), user.serve().unwrap());
    assert!(
        folder.notes[0].is_serious && folder.notes[0].message.starts_with("[serve]"),
        "{:?}",
        folder.notes
    );
    // Of files that were named, the later one counts, key by key.
    let named = user.overlaid(parse(text, "named")).serve().unwrap();
    assert_eq!((named.auth, named.limits.requests, named.grants.len()), (Some(AuthMode::None), 9, 1));
}

#[test]
fn what_goes_together_may_come_from_several_files() {
    let parse = |text, name| Config::parse(text, Path::new(name)).unwrap();
    let part = parse("[serve.auth]\nissuer = 'https://login.example'", "a");
    assert!(part.serve().unwrap_err().to_string().starts_with("[serve.auth] resource is missing"));
    let bind = parse("[serve]\nbind = 'localhost:1'", "b");
    let whole =
        parse("[serve.auth]\nissuer = 'https://login.example'\nresource = 'https://a.example/mcp'", "c");
    let serve = part.overlaid(whole).overlaid(bind).serve().unwrap();
    assert_eq!((serve.auth, serve.bind.to_string()), (Some(AuthMode::Jwt), "localhost:1".to_owned()));
    assert_eq!(serve.jwt.unwrap().audience, "https://a.example/mcp");
    // As it was written: a URL that is read and written again has another slash.
    let file = parse("[serve.auth]\nissuer = 'https://login.example'\nresource = 'https://a.example'", "c");
    let jwt = file.serve().unwrap().jwt.unwrap();
    assert_eq!((jwt.resource.as_str(), jwt.audience.as_str()), ("https://a.example", "https://a.example"));
}

#[test]
fn a_file_in_the_folder_counts_once_it_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let trust = Trust::new(Some(folder.path()));
    let project = folder.path().join("project");
    std::fs::create_dir(&project).unwrap();
    let file = project.join(FILE);
    // What is not trusted is not even parsed.
    std::fs::write(&file, "not [ toml").unwrap();
    let places = Places { folder: Some(project.clone()), ..Places::default() };
    let (config, found) = places.read(&trust).unwrap();
    assert_eq!((config, found[0].trusted.clone()), (Config::default(), Trusted::No));
    let text = "[connectors.a]\ncommand = 'x'";
    std::fs::write(&file, text).unwrap();
    trust.add(&file, text.as_bytes()).unwrap();
    let (config, found) = places.read(&trust).unwrap();
    assert_eq!((config.connectors.len(), found[0].trusted.clone()), (1, Trusted::Yes));
    std::fs::write(&file, format!("{text}\n")).unwrap();
    let (config, found) = places.read(&trust).unwrap();
    assert_eq!(config.connectors.len(), 0);
    assert_eq!(found[0].trusted, Trusted::Changed { before: Some(text.to_owned()) });
    // A named file needs no trust.
    let (config, _) = Places { named: vec![file], ..places }.read(&trust).unwrap();
    assert_eq!(config.connectors.len(), 1);
}

#[test]
fn what_a_configuration_says_of_a_connector_hides_nothing_of_what_it_is() {
    let connector = |more: &str| {
        let text = format!("[connectors.a]\nopenapi = 'a.json'\n{more}");
        let config = Config::parse(&text, Path::new("file")).unwrap();
        config.connectors[0].connector(&super::Folders::default())
    };
    let (plain, tuned) = (connector(""), connector("description = 'Mine'\ntimeout = '1s'"));
    assert_eq!((plain.description(), tuned.description().as_deref()), (None, Some("Mine")));
    assert!(plain.identity().is_some_and(|identity| identity.contains("a.json")));
    assert_eq!(plain.identity(), tuned.identity());
    assert!(!plain.changes_by_itself() && !tuned.changes_by_itself(), "a file is the operator's own");
    assert_ne!(plain.identity(), connector("base_url = 'https://other.example'").identity());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_in_the_folder_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let trust = Trust::new(Some(folder.path()));
    let (target, project) = (folder.path().join("target.toml"), folder.path().join("project"));
    std::fs::create_dir(&project).unwrap();
    let text = "[connectors.a]\ncommand = './x'";
    std::fs::write(&target, text).unwrap();
    trust.add(&target, text.as_bytes()).unwrap();
    let file = project.join(FILE);
    std::os::unix::fs::symlink(&target, &file).unwrap();
    let places = Places { folder: Some(project), ..Places::default() };
    let warned = |expected: &str| {
        let (config, _) = places.read(&trust).unwrap();
        assert!(config.connectors.is_empty() && config.notes[0].is_serious);
        assert!(config.notes[0].message.contains(expected), "{:?}", config.notes);
    };
    warned("it is a link");
    std::fs::remove_file(&file).unwrap();
    std::fs::File::create(&file).unwrap().set_len(MAX_BYTES + 1).unwrap();
    warned("more than");
}
