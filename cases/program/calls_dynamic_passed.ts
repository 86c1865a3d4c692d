const results = await Promise.all([1, 2].map(github.get_issue));
