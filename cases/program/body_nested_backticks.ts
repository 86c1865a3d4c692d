const fence = "```";
const markdown = `# Title

\`\`\`ts
const a = 1;
\`\`\`
`;
markdown + fence
