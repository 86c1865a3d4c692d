// Which books should have been back by now, and who has them? Nothing is known here but that there is a library: the
// program looks for what it needs, reads how it is called, and calls it. A model would do the first two steps in one
// program and write the third as another; one program can do all of it where it knows what it is looking for.
const found = await codemode.search("list loans", { connector: "library", limit: 3 });
const path = found.results[0].path;

// The declaration is TypeScript, with all the types it needs; it is what tells `state` and `limit` below.
const { types } = await codemode.describe(path);
console.log(`${path} is the first of ${found.total}; a loan has: ${types.match(/(?<=interface Loan \{)[^}]+/)[0].match(/\w+(?=: )/g)}`);

// Three requests at once. None of the pages reaches the model.
const [loans, books, members] = await Promise.all([
  library.listLoans({ state: "overdue", limit: 100 }),
  library.listBooks({ limit: 100 }),
  library.listMembers({ limit: 100 }),
]);

const title = new Map(books.items.map(book => [book.id, book.title]));
const member = new Map(members.items.map(one => [one.id, one]));
return loans.items
  .sort((a, b) => b.days_late - a.days_late)
  .slice(0, 3)
  .map(loan => ({
    title: title.get(loan.book_id),
    member: member.get(loan.member_id)?.name,
    email: member.get(loan.member_id)?.email,
    days_late: loan.days_late,
  }));
