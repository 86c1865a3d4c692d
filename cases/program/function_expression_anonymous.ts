async function (input) {
  return input;
}
