import type { Issue } from "./types";
export const LIMIT = 10;
export default async function main(input: { repo: string }): Promise<Issue[]> {
  return github.list_issues({ repo: input.repo, limit: LIMIT });
}
