interface Issue { id: number; title: string }
const page: number = 2;
const issues = await github.list_issues({ state: "open", page }) as Issue[];
if (issues.length === 0) return null;
return issues.map((issue: Issue) => issue.title);
