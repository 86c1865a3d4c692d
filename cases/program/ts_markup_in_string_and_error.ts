const html = "<b>bold</b>";
const a = ;
