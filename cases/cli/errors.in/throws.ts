const { temp_f } = await demo.get_weather({ city: "Atlantis" });
console.log("so far, so good");
if (temp_f === null) {
  throw new RangeError("no weather in Atlantis");
}
return temp_f;
