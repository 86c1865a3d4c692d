// Files through one server, their history through another; a third that is broken is in nobody's way.
const { root } = input as { root: string };
const repo = { repo_path: root };
await Promise.all(
  ["a", "b"].map((name) => files.write_file({ path: `${root}/${name}.txt`, content: `${name} 1\n` })),
);
await git.git_add({ ...repo, files: ["a.txt", "b.txt"] });
await git.git_commit({ ...repo, message: "Write two files" });
await files.edit_file({ path: `${root}/a.txt`, edits: [{ oldText: "a 1", newText: "a 2" }] });

const diff = await git.git_diff_unstaged(repo);
const log = await git.git_log({ ...repo, max_count: 5 });
const { content } = await files.list_directory({ path: root });
const told = (error: any) => [error.name, error.kind, error.message];
return {
  changed: diff.split("\n").slice(-2),
  authors: log.match(/Author: .*/g),
  messages: log.match(/Message: .*/g),
  content: content.split("\n"),
  outside: await files.read_text_file({ path: "/etc/passwd" }).catch((error: any) => error.message.split(":")[0]),
  broken: await broken.anything({}).catch(told),
  asked: await git.git_reset(repo).catch((error: any) => [error.name, error.kind, error.outcome]),
};
