await library.deleteBook({ book_id: "bk_999" });
