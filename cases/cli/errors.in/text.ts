return "plain text";
