const require = (name: string) => name;
return require("fs");
