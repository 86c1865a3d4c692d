<!-- hidden
return 1;
