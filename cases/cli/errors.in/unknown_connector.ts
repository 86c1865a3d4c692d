return await github.create_issue({ title: "x" });
